"""What the Vendor Center is told of a product, in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from config import settings
from reseller.channels import ChannelRefused
from reseller.channels.offers import Offer
from reseller.channels.vendor_client import Client
from reseller.content.describing import LANGUAGES, word
from reseller.shelves import plain, shelf_of

LOCALES = {"fr": "fr_DZ", "ar": "ar_DZ", "en": "en_DZ"}
NO_BRAND = "Generic"


class Catalogue:
    """The Vendor Center's brands and categories, read once when a product is first created."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._brands: dict[str, dict[str, Any]] | None = None
        self._categories: list[dict[str, Any]] | None = None

    def brand(self, name: str) -> dict[str, Any]:
        """Code and name of a brand; that of unbranded goods where ours is not known there.

        Raises:
            ChannelRefused: neither is known.
        """
        if self._brands is None:
            self._brands = {plain(each["name"]): each for each in self._numbered("/catalog/brands", "brands")}
        found = self._brands.get(plain(name)) or self._brands.get(plain(NO_BRAND))
        if found is None:
            raise ChannelRefused(f"the Vendor Center knows neither the brand {name!r} nor {NO_BRAND!r}")
        return {"code": found["code"], "name": found["name"]}

    def category(self, shelf: str) -> dict[str, Any]:
        """Code and name: VENDOR_CENTER_CATEGORY, else the first category that lies on the same shelf of ours.

        Raises:
            ChannelRefused: there is none.
        """
        if self._categories is None:
            self._categories = list(self._numbered("/catalog/categories", "categories"))
        code = settings().vendor_center_category
        for each in self._categories:
            path = " > ".join(part.strip() for part in each.get("completePath", each["name"]).split("/"))
            if each["code"] == code or (code is None and shelf != "other" and shelf_of(path) == shelf):
                return {"code": each["code"], "name": each["name"]}
        raise ChannelRefused(f"no category for the shelf {shelf!r}: set VENDOR_CENTER_CATEGORY")

    def _numbered(self, path: str, member: str) -> Iterator[dict[str, Any]]:
        number = 1
        while True:
            page = self._client.get(path, page=number)
            members: Iterable[dict[str, Any]] = page.get(member) or []
            yield from members
            if not members or number >= int((page.get("page") or {}).get("totalOfPages", 1)):
                return
            number += 1


def creation(offer: Offer, catalogue: Catalogue) -> dict[str, Any]:
    """An item of /feeds/products/create, without stock: units are shown when the product stands there.

    Raises:
        ChannelRefused: no photograph may be shown, or brand or category are unknown.
    """
    photographs = [picture.url for picture in offer.pictures if not picture.generated]
    if not photographs:
        raise ChannelRefused("a product needs a photograph that we may show: see SHOP_PICTURES")
    attributes = [
        {"name": name, "value": word(value, "fr"), "translations": []}
        for name, value in offer.attributes.items()
        if name not in ("brand", "gtin")
    ]
    item: dict[str, Any] = {
        "name": {"value": offer.title, "translations": []},
        "description": _translated(offer),
        "parentSku": offer.sku,
        "sellerSku": offer.sku,
        "variation": offer.attributes.get("size") or word(offer.attributes.get("colour", ""), "fr") or "Unique",
        "brand": catalogue.brand(offer.attributes.get("brand", NO_BRAND)),
        "category": catalogue.category(offer.shelf),
        "images": [{"url": url, "primary": at == 0} for at, url in enumerate(photographs)],
        "price": {"currency": "DZD", "value": float(offer.price)},
        "stock": 0,
        "attributes": attributes,
    }
    return item | ({"barcodeEan": offer.attributes["gtin"]} if "gtin" in offer.attributes else {})


def _translated(offer: Offer) -> dict[str, Any]:
    others = [
        {"locale": LOCALES[language], "value": text}
        for language in LANGUAGES
        if language != "fr" and (text := offer.description.get(language))
    ]
    return {"value": offer.description.get("fr") or offer.title, "translations": others}


def price(offer: Offer, sid: str) -> dict[str, Any]:
    """An item of /feeds/products/price."""
    return {"sellerSku": offer.sku, "id": sid, "price": {"currency": "DZD", "value": float(offer.price)}}


def stock(sku: str, sid: str, units: int) -> dict[str, Any]:
    """An item of /feeds/products/stock."""
    return {"sellerSku": sku, "id": sid, "stock": units}


def status(sku: str, sid: str, active: bool) -> dict[str, Any]:
    """An item of /feeds/products/status."""
    return {"sellerSku": sku, "id": sid, "status": "active" if active else "inactive"}
