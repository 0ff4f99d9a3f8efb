"""What a text of a page says something costs. Of several amounts none is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from crawlers.pages.schema_org_words import amount, currency_of

_MONEY = re.compile(
    r"(?P<before>DZD|DA|MAD|DHS?|TND|DT|€|\$|£|EUR|USD)?\s*(?P<number>\d[\d\s.,'’٬٫،]*)"
    r"\s*(?P<after>DZD|D\.?A\b|MAD|DHS?\b|TND|DT\b|F?CFA|XOF|د\.?\s?ج|د\.?\s?م|د\.?\s?ت|درهم|دينار(?:\sجزائري|\sتونسي)?"
    r"|dinars?\b|€|\$|£|EUR|USD)?",
    re.IGNORECASE,
)
_AROUND_NUMBERS = " .,'’٬٫،"
_GROUPED = re.compile(r"\d{1,3}(?P<mark>[ .,'’٬،])\d{3}(?:(?P=mark)\d{3})*(?:[.,٫]\d{1,3})?|\d+(?:[.,٫]\d{1,3})?")
_TO = re.compile(r"[\-\u2010-\u2015\u2212~]|à|to|jusqu['’]à|إلى|الى", re.IGNORECASE)
_FROM = re.compile(r"à partir de|\bdès\b|\bfrom\b|ابتداء", re.IGNORECASE)
_TIMES_BEFORE = re.compile(r"\d\s*(?:[x×*]|(?:mois|mensualit[ée]s|أشهر|شهر)\s+(?:à|de|x|×|ب))\s*$", re.IGNORECASE)
_TIMES_AFTER = re.compile(r"\s*(?:[x×*]\s*\d|(?:/|par\b|per\b)\s*(?:mois|month|شهر)|mensuel)", re.IGNORECASE)
_ASIDE_BEFORE = re.compile(
    r"(?:\bsoit|\bau lieu de|\binstead of|بدلا من|بدل|[ée]conomis\w*|\bsave|\bremise|r[ée]duction|livraison|\bfrais"
    r"|acompte|caution|\+)(?:\s+de)?\s*:?\s*$|(?:^|\s)[-\u2212]$",
    re.IGNORECASE,
)
_ASIDE_AFTER = re.compile(
    r"\s*(?:H\.?T\b|hors\s+taxes?|(?:/|par\b|per\b|le\b)\s*(?:kg|kilo|g|l|litre|ml|m[²2]?|mètre|unité|pièce)\b"
    r"|de\s+(?:remise|r[ée]duction))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class VisiblePrice:
    """A shown price; `currency` is ISO 4217, `is_range` whether it is the lower of two, or the lowest of several."""

    price: Decimal
    currency: str
    is_range: bool


class Doubtful(ValueError):
    """The text names amounts of money, and does not say which of them is the price."""


@dataclass(frozen=True, slots=True)
class _Sum:
    value: Decimal
    currency: str
    start: int
    end: int
    aside: bool


def price_in(text: str, usual: str, is_amount: bool) -> VisiblePrice | None:
    """The price that a short text names, single spaces between its words; None where it names no money.

    Instalments are no price; a price without taxes, per kilogram or of a discount is none beside another.

    Args:
        usual: the shop's own currency, for words that several countries use.
        is_amount: whether the one number of the text is known to be a price in it.

    Raises:
        Doubtful: several amounts, or a number that is not written like one.
    """
    sums = _sums(text, usual, is_amount)
    told = [one for one in sums if not one.aside] or sums
    if not told:
        return None
    first, last = told[0], told[-1]
    if len({one.currency for one in told}) > 1:
        raise Doubtful(f"two currencies: {text!r}")
    if len({one.value for one in told}) == 1:
        return VisiblePrice(first.value, first.currency, _FROM.search(text[: first.start + 1]) is not None)
    if len(told) == 2 and first.value < last.value and _TO.fullmatch(text[first.end : last.start].strip()):
        return VisiblePrice(first.value, first.currency, True)
    raise Doubtful(f"several amounts: {text!r}")


def _sums(text: str, usual: str, is_amount: bool) -> list[_Sum]:
    found = list(_MONEY.finditer(text))
    currencies = _currencies(text, found, usual)
    if is_amount and len(found) == 1:
        currencies = [currencies[0] or usual]
    sums = []
    for match, currency in zip(found, currencies, strict=True):
        if currency is None:
            continue
        start, end = match.start("before" if match["before"] else "number"), match.end()
        if _TIMES_BEFORE.search(text[:start]) or _TIMES_AFTER.match(text, end):
            continue
        number = match["number"].strip(_AROUND_NUMBERS)
        glued = not match["before"] and text[: match.start("number")][-1:].isalpha()
        value = None if glued or not _GROUPED.fullmatch(number) else amount(number, currency)
        if value is None and number.strip("0.,"):
            raise Doubtful(f"no number: {text!r}")
        aside = _ASIDE_BEFORE.search(text[:start])
        if value is not None:
            sums.append(_Sum(value, currency, start, end, bool(aside or _ASIDE_AFTER.match(text, end))))
    return sums


def _currencies(text: str, found: list[re.Match[str]], usual: str) -> list[str | None]:
    """The currency of each number; the ends of a range have one in common."""
    named = [currency_of(sign, usual) if (sign := match["after"] or match["before"]) else None for match in found]
    for at in range(len(found) - 1):
        if _TO.fullmatch(text[found[at].end() : found[at + 1].start()].strip()):
            named[at] = named[at] or named[at + 1]
            named[at + 1] = named[at + 1] or named[at]
    return named
