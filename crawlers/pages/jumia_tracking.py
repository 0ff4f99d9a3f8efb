"""What Jumia tells its trackers of a page in `dataLayer`: kind, address, country, and the SKUs of a listing in order.

No price is read here: those of the trackers are in euros.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawlers.pages.jumia_state import CLOSING, decode

_LAYER = re.compile(rb"\bdataLayer\s*=\s*\[\s*(?=\{)")


@dataclass(frozen=True, slots=True)
class Tracked:
    """`skus` are those of the catalogue, in the order of the page; every field is empty where the page has none."""

    kind: str = ""
    path: str = ""
    country: str = ""
    skus: tuple[str, ...] = ()


def tracked(body: bytes) -> Tracked:
    """What the first `dataLayer` of a page says."""
    layer = _LAYER.search(body)
    closing = CLOSING.search(body, layer.end()) if layer else None
    if layer is None or closing is None:
        return Tracked()
    told = decode(body[layer.end() : closing.start()]) or {}
    skus = told.get("skus")
    return Tracked(
        kind=str(told.get("pageType") or ""),
        path=str(told.get("url") or "").replace("&amp;", "&"),
        country=str(told.get("countryCode") or "").lower(),
        skus=tuple(map(str, skus)) if isinstance(skus, list) else (),
    )
