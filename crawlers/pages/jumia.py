"""Any page of a Jumia shop: says which kind it is and lets that kind read it."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from crawlers.pages import jumia_listing, jumia_product, jumia_state
from crawlers.pages.encoding import in_utf8
from crawlers.pages.errors import LayoutChanged, ProductGone
from crawlers.pages.jumia_tracking import tracked
from crawlers.pages.page import Found, Page, refuse_challenge, refuse_non_html

Kind = Literal["listing", "product", "home"]
_VIEWS: dict[str, Kind] = {"Catalog": "listing", "Product": "product", "Home": "home"}
_TRACKED: dict[str, Kind] = {"catalog": "listing", "product": "product", "home": "home"}
_CATALOGUE_CARD = b"c-prd"
_PRODUCT_MARKS = (b"ItemPage", b"pdpMain")
_LISTING_MARK = b"CollectionPage"
_PRODUCT_PATH = re.compile(r"/[^/]+\.html$")


def parse(page: Page, asked: str | None = None) -> Found:
    """Offers and further addresses of a page.

    Args:
        asked: the address that was asked for, where it differs from the one that answered.

    Raises:
        PageError: the page cannot be used; its subclass says why.
    """
    page = in_utf8(page)
    refuse_challenge(page)
    refuse_non_html(page)
    troubles: list[str] = []
    state = jumia_state.embedded_state(page, troubles)
    kind = _kind(page, state)
    if kind == "home" and kind_of_address(asked or page.url) == "product":
        raise ProductGone(f"{asked or page.url} leads to the home page")
    if kind == "listing" and asked and asked != page.url and kind_of_address(asked) == "product":
        raise ProductGone(f"{asked} leads to a listing")
    if kind == "home":
        found = jumia_listing.parse_home(page)
    else:
        found = (jumia_product if kind == "product" else jumia_listing).parse(page, state)
    found.troubles[:0] = troubles
    return found


def _kind(page: Page, state: jumia_state.State | None) -> Kind:
    """What the page says that it is; only then what its address names."""
    view = str(state.get("view") or "") if state else ""
    if view in _VIEWS:
        return _VIEWS[view]
    if state and (_CATALOGUE_CARD in page.body or jumia_state.products(state)):
        return "listing"
    told = tracked(page.body).kind
    if told in _TRACKED:
        return _TRACKED[told]
    if _CATALOGUE_CARD in page.body or _LISTING_MARK in page.body:
        return "listing"
    if view or told:
        raise LayoutChanged(f"a page of the kind {view or told!r}, which has no products")
    if any(mark in page.body for mark in _PRODUCT_MARKS):
        return "product"
    return kind_of_address(page.url)


def kind_of_address(url: str) -> Kind:
    """The kind of page that an address of the shop names."""
    path = urlsplit(url).path
    if path in ("", "/"):
        return "home"
    return "product" if _PRODUCT_PATH.search(path) else "listing"
