"""Amounts, currencies and availability as shops of the Maghreb write them in data that is meant for machines."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_currency_precision
from price_parser import Price

from crawlers.pages.schema_org_graph import local
from pipelines.offer import Availability

_AVAILABLE: dict[str, Availability] = {
    **dict.fromkeys(["instock", "instoreonly", "onlineonly", "madetoorder", "available", "enstock"], "in_stock"),
    **dict.fromkeys(["disponible", "متوفر", "متاح"], "in_stock"),
    **dict.fromkeys(["limitedavailability", "lowstock", "stocklimité", "derniersarticles"], "low_stock"),
    **dict.fromkeys(["outofstock", "soldout", "discontinued", "reserved", "oos", "unavailable"], "out_of_stock"),
    **dict.fromkeys(["rupturedestock", "enrupturedestock", "épuisé", "indisponible", "غيرمتوفر"], "out_of_stock"),
}
_SYMBOLS = {
    **dict.fromkeys(["DA", "دج", "DINAR", "DINARS"], "DZD"),
    **dict.fromkeys(["DH", "DHS", "دم", "درهم"], "MAD"),
    **dict.fromkeys(["DT", "دت"], "TND"),
    **dict.fromkeys(["CFA", "FCFA"], "XOF"),
    **{"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "$": "USD", "US$": "USD", "£": "GBP"},
}
_NO_LETTER = re.compile(r"[.\s\u200e\u200f]")
_MACHINE = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def currency_of(text: str) -> str | None:
    """ISO 4217 of a code or of a sign used in the Maghreb; None for what is neither."""
    word = _NO_LETTER.sub("", text).upper()
    return _SYMBOLS.get(word) or (word if re.fullmatch("[A-Z]{3}", word) else None)


def amount(value: object, currency: str | None) -> Decimal | None:
    """A price as data: `1234.5`, "1234.50", "1.234,56", "1 234 DA"; None for no price, zero included.

    schema.org writes a dot for decimals. "12.500" of a currency with two decimals is none: there the dot groups.
    """
    text = "" if isinstance(value, bool) else str(value).strip()
    if isinstance(value, str) and _GROUPED.fullmatch(text) and _decimals(currency) != 3:
        text = text.replace(".", "").replace(",", "")
    if _MACHINE.fullmatch(text):
        found: Decimal | None = Decimal(text)
    else:
        thousandths = re.search(r"([.,])\d{3}(?!\d)\D*$", text) if _decimals(currency) == 3 else None
        separator = thousandths.group(1) if thousandths else None
        found = Price.fromstring(text, decimal_separator=separator).amount if text[:1] != "-" else None
    return found.quantize(Decimal("0.01")) if found and 0 < found < Decimal(10) ** 13 else None


def _decimals(currency: str | None) -> int:
    return get_currency_precision(currency) if currency else 2


def availability_of(text: str) -> Availability | None:
    """Of `https://schema.org/InStock`, `InStock`, "in stock", "En stock"; None for another word."""
    return _AVAILABLE.get(re.sub(r"[\W_]+", "", local(text).lower()))
