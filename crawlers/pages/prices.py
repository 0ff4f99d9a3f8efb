"""Prices, counts and ratings as the shops write them."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import NamedTuple

WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٬٫", "01234567890123456789,.")
"""Arabic and Persian digits and separators as the Latin ones, for `str.translate`."""
_SPACES = "\\s\u00a0\u2009\u202f'’"
_NUMBER = re.compile(rf"-?\d(?:[\d.,{_SPACES}]*\d)?")
_SPACE = re.compile(rf"[{_SPACES}]+")
_EURO = re.compile(r"€|\beur\b", re.IGNORECASE)
_RATING = re.compile(r"(\d(?:[.,]\d+)?)\s*(?:out of|sur|من)\s*5")
_DASHES = "\\-\u2010-\u2015\u2212~"
_BETWEEN = re.compile(rf"\d\s*[^\d\s]{{0,6}}\s*(?:[{_DASHES}]|\bto\b|\bà\b|إلى)\s*[^\d\s]{{0,6}}\s*\d")
_USUAL = re.compile(
    r"(?:(?:₦|GH₵|KSh|EGP|USh|UGX) )?([0-9]{1,3}(?:,[0-9]{3})*)(\.[0-9]{2})?(?: (?:DA|Dhs|FCFA))?", re.ASCII
)
_LONGEST = 200
MOST_COUNTED = 2**31 - 1
"""The greatest count that is believed: what PostgreSQL's integer holds."""
_FROM = re.compile(r"\bfrom\b|\bà partir de\b|\bdès\b|ابتداء|بدءا|\bstarting at\b", re.IGNORECASE)
_NO_DIGIT = re.compile(r"\D")
_MOST_DIGITS = 10
_PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_MEAN = re.compile(r"(\d(?:[.,]\d{1,6})?)(?:\s*/\s*5)?", re.ASCII)
_BEST = 5
_COUNT = re.compile(rf"\d[\d,.{_SPACES}]*")
_SIGNS = {
    "₦": "NGN",
    "NGN": "NGN",
    "GH₵": "GHS",
    "GH¢": "GHS",
    "GHC": "GHS",
    "GHS": "GHS",
    "KSH": "KES",
    "KES": "KES",
    "EGP": "EGP",
    "ج.م": "EGP",
    "جنيه": "EGP",
    "DHS": "MAD",
    "DH": "MAD",
    "درهم": "MAD",
    "دراهم": "MAD",
    "MAD": "MAD",
    "د.م": "MAD",
    "DA": "DZD",
    "DZD": "DZD",
    "دج": "DZD",
    "د.ج": "DZD",
    "FCFA": "XOF",
    "CFA": "XOF",
    "XOF": "XOF",
    "USH": "UGX",
    "UGX": "UGX",
    "TND": "TND",
}
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*[₵¢]?|₦")


class PriceText(NamedTuple):
    """A price as written: `low` alone, or a range.

    Attributes:
        low: in the shop's own currency; of a range the lower bound.
        is_range: whether it is the lowest of several: the text names two prices, or says "from".
    """

    low: Decimal
    is_range: bool


def parse_price(text: str) -> PriceText:
    """Reads "1,250 DA", "5,500.00 Dhs", "GH₵ 3,480.00", "359 900 FCFA", "₦ 50,999 - ₦ 61,180".

    Raises:
        ValueError: no number, a number whose separators contradict each other, or a price in euros, which no shop of
            these markets asks and every tracking attribute carries.
    """
    if usual := _USUAL.fullmatch(text):
        whole, cents = usual.groups()
        return PriceText(Decimal(whole.replace(",", "") + (cents or "")), False)
    text = " ".join((html.unescape(text) if "&" in text else text).split())
    if len(text) > _LONGEST:
        raise ValueError(f"no price has {len(text)} characters")
    if _EURO.search(text):
        raise ValueError(f"price in euros: {text!r}")
    plain = text.translate(WESTERN)
    if is_range(plain):
        amounts = sorted(_amount(number.lstrip("-")) for number in _NUMBER.findall(plain))
        return PriceText(amounts[0], len(amounts) > 1)
    numbers = _NUMBER.findall(plain)
    if len(numbers) != 1:
        raise ValueError(f"not one price: {text!r}")
    return PriceText(_amount(numbers[0]), _FROM.search(text) is not None)


def is_range(text: str) -> bool:
    """Whether the text names a lower and an upper price."""
    return _BETWEEN.search(text) is not None


def currency_of(text: str) -> str | None:
    """The ISO 4217 code of the currency that a price names, None where it names none that is known."""
    for word in _WORD.findall(text):
        if code := _SIGNS.get(word.upper()):
            return code
    return None


def _amount(number: str) -> Decimal:
    digits = _SPACE.sub("", number)
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands, decimal = (",", ".") if dot > comma else (".", ",")
        whole, _, cents = digits.rpartition(decimal)
        return Decimal(f"{_joined(whole, thousands, number)}.{_cents(cents, number)}")
    separator = "," if comma >= 0 else "."
    head, *groups = digits.split(separator)
    if not groups:
        return Decimal(digits)
    if all(len(group) == 3 for group in groups) and head.strip("-0"):
        return Decimal(_joined(digits, separator, number))
    if len(groups) == 1:
        return Decimal(f"{head}.{_cents(groups[0], number)}")
    raise ValueError(f"separators contradict each other: {number!r}")


def _joined(digits: str, separator: str, number: str) -> str:
    head, *groups = digits.split(separator)
    if groups and (not 1 <= len(head.lstrip("-")) <= 3 or any(len(group) != 3 for group in groups)):
        raise ValueError(f"separators contradict each other: {number!r}")
    return head + "".join(groups)


def _cents(digits: str, number: str) -> str:
    if not 1 <= len(digits) <= 3 or not digits.isdecimal():
        raise ValueError(f"separators contradict each other: {number!r}")
    return digits


def parse_count(text: str) -> int | None:
    """The first whole number in "(646 verified ratings)", "5 units left", "1478 résultats"; None without one that
    can be counted with."""
    found = _COUNT.search(text.translate(WESTERN))
    digits = _NO_DIGIT.sub("", found.group()) if found else ""
    return bounded(int(digits)) if 0 < len(digits) <= _MOST_DIGITS else None


def bounded(count: int) -> int | None:
    """The count; None where it is beyond what anything is counted with."""
    return count if 0 <= count <= MOST_COUNTED else None


def count_of(value: object) -> int | None:
    """A count as data writes it: 1234, 1234.0, "1,234"; None for what is none."""
    if isinstance(value, str):
        return parse_count(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_COUNTED:
        return None
    return int(value)


def rating_of(value: object) -> Decimal | None:
    """A mean as data writes it: 4.3, "4.3", "4,3", "4.3/5"; None for what is no mean of one to five stars."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = _MEAN.fullmatch(str(value).translate(WESTERN).strip())
    mean = Decimal(found.group(1).replace(",", ".")) if found else None
    return mean if mean and mean <= _BEST else None


def amount_of(value: object) -> Decimal | None:
    """An amount as data writes it: 1329999, "1329999.00", "1,329,999.00"; None for nothing and for zero.

    A point before three digits that end a number is a decimal point, as the standard of such data says.

    Raises:
        ValueError: it is no amount.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"no amount: {value!r}")
    text = str(value).strip()
    amount = Decimal(text) if _PLAIN.fullmatch(text) else parse_price(text).low
    return amount or None


def parse_rating(text: str) -> Decimal | None:
    """The mean in "4.1 out of 5"; None without one."""
    found = _RATING.search(text.translate(WESTERN))
    return Decimal(found.group(1).replace(",", ".")) if found else None
