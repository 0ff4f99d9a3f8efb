"""`window.__INITIAL_STATE__`: the same products in the shape that the mobile template embeds."""

from __future__ import annotations

from typing import Any


def _frame(desktop: dict[str, Any], view_data: dict[str, Any]) -> dict[str, Any]:
    return {
        "csrfToken": "0" * 32,
        "messages": [],
        "viewData": view_data,
        "view": desktop["view"],
        "activeLanguage": "fr",
        "languages": {"fr": {"text": "Français", "default": True}},
        "countryCode": "DZ",
        "url": desktop.get("url", ""),
        "device": "mobile",
        "user": {"isGuest": True},
        "cart": {"count": 0},
    }


def listing_state(
    desktop: dict[str, Any], title: str, total: int, number: int, pages: int, base: str
) -> dict[str, Any]:
    """The state of a listing from that of its desktop page.

    Args:
        total: products of the whole listing.
        number, pages: this page of how many.
        base: address of the listing's pages, up to the number.
    """
    address, _, parameters = base.partition("?")
    pagination = {
        "firstCTA": None,
        "prevCTA": "Page précédente",
        "nextCTA": "Page suivante",
        "lastCTA": None,
        "pageCTA": None,
        "totalItems": None,
        "total": pages,
        "page": number,
        "uri": {"baseUrl": address, "params": parameters.removesuffix("page=").removesuffix("&")},
    }
    view_data = {
        "mainTitle": title,
        "productsFound": f"{total} résultat{'s' * (total > 1)}",
        "page": "category-catalog-page",
        "products": desktop["products"],
        "appliedFilters": [],
        "pagination": pagination,
        "unavailableText": "Actuellement indisponible",
    }
    return _frame(desktop, view_data)


def product_state(desktop: dict[str, Any]) -> dict[str, Any]:
    """The state of a product page from that of its desktop page."""
    known = {"view", "activeLanguage", "languages", "countryCode", "url", "messages", "user", "cart"}
    return _frame(desktop, {name: value for name, value in desktop.items() if name not in known})
