"""The price that a page shows, where it says nothing in a form for machines. Rather none than a wrong one."""

from __future__ import annotations

import copy
import re
from typing import Any

import lxml.etree

from crawlers.pages.shown_money import Doubtful, VisiblePrice, price_in

_CLASS = re.compile(r"(?:^|[\s_-])(?:price|prix|prices?|tarif|سعر|amount)(?:$|[\s_-])", re.IGNORECASE)
_OTHER = re.compile(
    r"old|regular|\bwas\b|before|ancien|barr|crossed|strike|list-?price|compare|saving|discount-|remise|econom|unit"
    r"|shipping|livraison|delivery|related|similar|upsell|cross-?sell|carousel|slider|mini-?cart|panier|sidebar",
    re.IGNORECASE,
)
_STRUCK = ("del", "s", "strike")
_UNSEEN = ("script", "style", "template", "noscript")
_UNSEEN_CLASS = re.compile(r"screen-?reader|sr-only|visually-?hidden|assistive", re.IGNORECASE)
_FRACTION_CLASS = re.compile(r"cent(?:s|imes?)?\b|decimal|fraction", re.IGNORECASE)
_FRACTION = re.compile(r"\s*\d{2,3}\s*")
_POINT = "\ue000"  # private use: in no text of a page
_FARTHEST = 6
_LONGEST = 120
_MOST = 20


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
        try:
            shown = [found for element in _candidates(around) if (found := _read(element, fallback_currency))]
        except Doubtful:
            return None
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
        if not any(above in found for above in element.iterancestors()) and not _is_long(element):
            found.append(element)
        if len(found) > _MOST:
            return []
    return found


def _is_long(element: Any) -> bool:
    """Whether it holds so much that only elements in it can be a price."""
    return len(" ".join("".join(element.itertext(lxml.etree.Element)).split())) > 2 * _LONGEST


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
    for inner in list(whole.iterdescendants(lxml.etree.Element)):
        if inner.getparent() is None:
            continue
        if inner.tag in _UNSEEN or _is_other(inner) or _UNSEEN_CLASS.search(inner.get("class") or ""):
            inner.drop_tree()
        elif _is_fraction(inner):
            inner.text = _POINT + inner.text.strip()
    text = _joined([piece for piece in whole.itertext(lxml.etree.Element) if piece.strip()])
    if not text or len(text) > _LONGEST:
        return None
    return price_in(text, fallback_currency, element.get("itemprop") == "price")


def _is_fraction(element: Any) -> bool:
    """Whether it is what stands behind the decimal point, which only its size tells."""
    small = element.tag == "sup" or _FRACTION_CLASS.search(element.get("class") or "")
    return bool(small and not len(element) and _FRACTION.fullmatch(element.text or ""))


def _joined(pieces: list[str]) -> str:
    """The pieces of a text as they are seen. Raises Doubtful for two numbers side by side."""
    text = ""
    for piece in pieces:
        before = text.rstrip()
        follows_number = before[-1:].isdecimal()
        if piece.startswith(_POINT):
            point = "." if follows_number else ""
            text = f"{before}{point}{piece[1:]}"
        elif follows_number and piece.lstrip()[0].isdecimal():
            raise Doubtful(f"two numbers side by side: {text + piece!r}")
        else:
            text = (before if follows_number and piece.lstrip()[0] in ".," else text) + piece
    return " ".join(text.split())
