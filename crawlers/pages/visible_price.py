"""The price that a page shows, where it says nothing in a form for machines. Rather none than a wrong one."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import lxml.etree

from crawlers.pages.schema_org_words import amount, currency_of

_CLASS = re.compile(r"(?:^|[\s_-])(?:price|prix|prices?|tarif|سعر|amount)(?:$|[\s_-])", re.IGNORECASE)
_OTHER = re.compile(
    r"old|regular|\bwas\b|before|ancien|barr|crossed|strike|list-?price|compare|saving|discount-|remise|econom|unit"
    r"|shipping|livraison|delivery|related|similar|upsell|cross-?sell|carousel|slider|mini-?cart|panier|sidebar",
    re.IGNORECASE,
)
_STRUCK = ("del", "s", "strike")
_MONEY = re.compile(
    r"(?P<before>DZD|DA|MAD|DHS?|TND|DT|€|\$|£|EUR|USD)?\s*(?P<number>[\d٠-٩۰-۹][\d٠-٩۰-۹\s.,'’]*)"
    r"\s*(?P<after>DZD|D\.?A\b|MAD|DHS?\b|TND|DT\b|F?CFA|XOF|د\.?\s?ج|د\.?\s?م|د\.?\s?ت|درهم|€|\$|£|EUR|USD)?",
    re.IGNORECASE,
)
_FARTHEST = 6
_LONGEST = 120
_MOST = 20


@dataclass(frozen=True, slots=True)
class VisiblePrice:
    """A shown price; `currency` is ISO 4217, `is_range` whether it is the lower of two."""

    price: Decimal
    currency: str
    is_range: bool


def find(tree: Any, fallback_currency: str) -> VisiblePrice | None:
    """The one price near the headline, with its currency; None where there is none, or several that contradict."""
    headline = next(iter(tree.iter("h1")), None)
    if headline is None:
        return None
    around = headline
    for _ in range(_FARTHEST):
        around = around.getparent()
        if around is None or around.tag in ("html", "head"):
            return None
        shown = [found for element in _candidates(around) if (found := _read(element, fallback_currency))]
        if shown:
            return shown[0] if len(set(shown)) == 1 else None
        if around.tag == "body":
            return None
    return None


def _candidates(around: Any) -> list[Any]:
    """Outermost elements that are called price, but not old price, price of another product or of delivery."""
    found: list[Any] = []
    for element in around.iter(lxml.etree.Element):
        if not _is_called_price(element) or any(_is_other(above) for above in _up_to(element, around)):
            continue
        if not any(above in found for above in element.iterancestors()):
            found.append(element)
        if len(found) > _MOST:
            return []
    return found


def _is_called_price(element: Any) -> bool:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.get("itemprop") == "price" or bool(_CLASS.search(named))


def _is_other(element: Any) -> bool:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag in _STRUCK or element.tag in ("nav", "aside", "footer") or bool(_OTHER.search(named))


def _up_to(element: Any, around: Any) -> list[Any]:
    above = [element]
    for parent in element.iterancestors():
        if parent is around:
            break
        above.append(parent)
    return above


def _read(element: Any, fallback_currency: str) -> VisiblePrice | None:
    whole = copy.deepcopy(element)
    for inner in list(whole.iterdescendants()):
        if isinstance(inner.tag, str) and _is_other(inner) and inner.getparent() is not None:
            inner.drop_tree()
    text = " ".join("".join(whole.itertext()).split())
    if not text or len(text) > _LONGEST:
        return None
    found = [(match, _currency(match)) for match in _MONEY.finditer(text)]
    if element.get("itemprop") == "price" and len(found) == 1 and found[0][1] is None:
        found = [(found[0][0], fallback_currency)]
    priced = [(amount(match["number"].strip(), currency), currency) for match, currency in found if currency]
    amounts = [(value, currency) for value, currency in priced if value]
    if not amounts or len(amounts) > 2 or len({currency for _, currency in amounts}) > 1:
        return None
    lowest = min(value for value, _ in amounts)
    return VisiblePrice(lowest, amounts[0][1], len({value for value, _ in amounts}) > 1)


def _currency(match: re.Match[str]) -> str | None:
    sign = match["after"] or match["before"]
    return currency_of(sign) if sign else None
