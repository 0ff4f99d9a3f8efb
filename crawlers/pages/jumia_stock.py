"""What the words beside a product say of its stock, on a card and on a product page, in any shop's language."""

from __future__ import annotations

import re

from crawlers.pages.prices import MOST_COUNTED
from pipelines.offer import Availability

_NUMBERED = re.compile(
    r"(\d+)\s+(?:units?|items?|articles?|pièces?|unités?)\s+(?:left|restante?s?)"
    r"|\bonly\s+(\d+)\s+left|\bplus que\s+(\d+)\s+en stock",
    re.IGNORECASE,
)
_FEW = re.compile(
    r"\bfew (?:units|items) left|\balmost (?:sold out|gone)|\bderni(?:ers|ères) (?:articles|unités|pièces)"
    r"|\bquelques (?:articles|unités|pièces)|\b(?:presque|bientôt) épuisée?s?"
    r"|آخر القطع|قطع قليلة",
    re.IGNORECASE,
)
_SOLD_OUT = re.compile(r"\b(?:sold out|out of stock|épuisée?s?|rupture de stock)\b|غير متوفر|نفدت|نفذت", re.IGNORECASE)
_IN_STOCK = re.compile(r"\b(?:in stock|en stock)\b|متوفر", re.IGNORECASE)


def said(text: str) -> tuple[Availability, int | None]:
    """Availability and units left that a text tells; "unknown" where it tells neither."""
    if numbered := _NUMBERED.search(text):
        left = int(next(filter(None, numbered.groups()))[:12])
        return ("low_stock", left if left <= MOST_COUNTED else None) if left else ("out_of_stock", 0)
    if _FEW.search(text):
        return "low_stock", None
    if _SOLD_OUT.search(text):
        return "out_of_stock", 0
    return ("in_stock" if _IN_STOCK.search(text) else "unknown"), None
