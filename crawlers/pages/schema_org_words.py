"""Amounts, currencies and availability as shops of the Maghreb write them in data that is meant for machines."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from babel.numbers import get_currency_precision
from price_parser import Price

from crawlers.pages.prices import WESTERN
from crawlers.pages.schema_org_graph import local
from pipelines.offer import Availability

_WORDS: dict[Availability, str] = {
    "in_stock": "InStock, InStoreOnly, OnlineOnly, MadeToOrder, available, en stock, disponible, disponible en stock,"
    " متوفر, متاح, متوفر في المخزون",
    "low_stock": "LimitedAvailability, low stock, stock limité, derniers articles, كمية محدودة",
    "out_of_stock": "OutOfStock, SoldOut, Discontinued, Reserved, oos, unavailable, not available, not in stock,"
    " rupture, en rupture, rupture de stock, en rupture de stock, épuisé, stock épuisé, produit épuisé, hors stock,"
    " indisponible, non disponible, pas disponible, غير متوفر, غير متاح, نفدت الكمية, نفذت الكمية, نفد المخزون",
}
_SYMBOLS = {
    **dict.fromkeys(["DA", "دج", "DINAR", "DINARS", "دينار", "دينارجزائري"], "DZD"),
    **dict.fromkeys(["DH", "DHS", "دم", "درهم"], "MAD"),
    **dict.fromkeys(["DT", "دت", "دينارتونسي"], "TND"),
    **dict.fromkeys(["CFA", "FCFA"], "XOF"),
    **{"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "$": "USD", "US$": "USD", "£": "GBP"},
}
_SHARED = {
    **dict.fromkeys(["DINAR", "DINARS", "دينار"], frozenset(["DZD", "TND", "LYD", "IQD", "JOD", "KWD", "BHD"])),
    **dict.fromkeys(["DH", "DHS", "درهم"], frozenset(["MAD", "AED"])),
}
_NO_LETTER = re.compile(r"[.\s\u200e\u200f]")
_MACHINE = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def currency_of(text: str, usual: str | None = None) -> str | None:
    """ISO 4217 of a code or of a sign used in the Maghreb; None for what is neither.

    Args:
        usual: the shop's own currency, which a word that several countries use stands for.
    """
    word = _NO_LETTER.sub("", text).upper()
    if usual in _SHARED.get(word, ()):
        return usual
    return _SYMBOLS.get(word) or (word if re.fullmatch("[A-Z]{3}", word) else None)


def amount(value: object, currency: str | None) -> Decimal | None:
    """A price as data: `1234.5`, "1234.50", "1.234,56", "1 234 DA", "١٬٢٣٤٫٥"; None for no price, zero included.

    schema.org writes a dot for decimals. "12.500" of a currency with two decimals is none: there the dot groups. The
    Arabic separators mean one thing each.
    """
    given = "" if isinstance(value, bool) else str(value).strip()
    text = given.replace("٬", "").replace("،", ",").translate(WESTERN)
    told = "." if "٫" in given else None
    if told is None and isinstance(value, str) and _GROUPED.fullmatch(text) and _decimals(currency) != 3:
        text = text.replace(".", "").replace(",", "")
    if _MACHINE.fullmatch(text):
        found: Decimal | None = Decimal(text)
    else:
        thousandths = re.search(r"([.,])\d{3}(?!\d)\D*$", text) if _decimals(currency) == 3 else None
        separator = told or (thousandths.group(1) if thousandths else None)
        found = Price.fromstring(text, decimal_separator=separator).amount if text[:1] != "-" else None
    return found.quantize(Decimal("0.01")) if found and 0 < found < Decimal(10) ** 13 else None


def _decimals(currency: str | None) -> int:
    return get_currency_precision(currency) if currency else 2


def availability_of(text: str) -> Availability | None:
    """Of `https://schema.org/InStock`, `//schema.org/InStock`, `InStock`, "in stock", "En stock"; None for another."""
    return _AVAILABLE.get(_letters(_last(local(text.replace("\\", "")))))


def _last(word: str) -> str:
    """The name in the address of another vocabulary."""
    return re.split(r"[/#]", word.rstrip("/#"))[-1] if "//" in word or "#" in word else word.rpartition("/")[2]


def _letters(text: str) -> str:
    """What the spellings of a word have in common: its letters without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


_AVAILABLE = {_letters(word): kind for kind, words in _WORDS.items() for word in words.split(",")}
