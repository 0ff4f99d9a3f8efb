"""Any page of a Jumia shop: says which kind it is and lets that kind read it."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from crawlers.pages import jumia_listing, jumia_product, jumia_state
from crawlers.pages.errors import ProductGone
from crawlers.pages.page import Found, Page, refuse_challenge, refuse_non_html

Kind = Literal["listing", "product", "home"]
_VIEWS: dict[str, Kind] = {"Catalog": "listing", "Product": "product", "Home": "home"}
_CATALOGUE_CARD = b"c-prd"
_PRODUCT_PATH = re.compile(r"/[^/]+\.html$")


def parse(page: Page, asked: str | None = None) -> Found:
    """Offers and further addresses of a page.

    Args:
        asked: the address that was asked for, where it differs from the one that answered.

    Raises:
        PageError: the page cannot be used; its subclass says why.
    """
    refuse_challenge(page)
    refuse_non_html(page)
    state = jumia_state.embedded_state(page)
    kind = _VIEWS.get(str(state.get("view"))) if state else None
    kind = kind or ("listing" if _CATALOGUE_CARD in page.body else kind_of_address(page.url))
    if kind == "home" and kind_of_address(asked or page.url) == "product":
        raise ProductGone(f"{asked} leads to the home page")
    if kind == "home":
        return jumia_listing.parse_home(page)
    return jumia_product.parse(page, state) if kind == "product" else jumia_listing.parse(page, state)


def kind_of_address(url: str) -> Kind:
    """The kind of page that an address of the shop names."""
    path = urlsplit(url).path
    if path in ("", "/"):
        return "home"
    return "product" if _PRODUCT_PATH.search(path) else "listing"
