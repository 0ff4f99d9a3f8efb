"""A Jumia product page: embedded JSON, then LD+JSON, then the page itself."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import orjson
from parsel import Selector

from crawlers.pages import jumia_state
from crawlers.pages.errors import LayoutChanged
from crawlers.pages.page import Found, Page, refuse_truncated
from crawlers.pages.prices import parse_count, parse_price, parse_rating
from pipelines.offer import Availability, Offer

_SELLER_TITLES = ("seller information", "informations sur le vendeur", "vendeur")
_LOW = re.compile(r"(\d+)\s+(?:units? left|articles? restants?)|few units left|derniers articles", re.IGNORECASE)
_DESCRIPTION_LENGTH = 2000


def parse(page: Page, state: jumia_state.State | None) -> Found:
    """The one offer of a product page; related products are none of it.

    Raises:
        LayoutChanged: no source names SKU, title and price.
        PageTruncated: the page ends early and the embedded JSON is not there to carry it.
    """
    product = _product(state)
    if product is None:
        refuse_truncated(page)
    document = Selector(text=page.body.decode("utf-8", "replace"))
    linked = _linked_product(document)
    try:
        offer = jumia_state.offer(product, page, None) if product else _from_page(document, linked, page)
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise LayoutChanged(f"the product cannot be read: {type(error).__name__}: {error}") from error
    _complete(offer, document, linked, page)
    return Found(offers=[offer])


def _product(state: jumia_state.State | None) -> jumia_state.State | None:
    if not state:
        return None
    products = jumia_state.products(state)
    return next((product for product in products if product.get("sku") == state.get("sku")), None)


def _linked_product(document: Selector) -> dict[str, Any]:
    for script in document.css('script[type="application/ld+json"]::text').getall():
        try:
            data = orjson.loads(script)
        except orjson.JSONDecodeError:
            continue
        entity = data.get("mainEntity") if isinstance(data, dict) else None
        if isinstance(entity, dict) and entity.get("@type") == "Product":
            return entity
    return {}


def _specifications(document: Selector) -> dict[str, str]:
    lines = [" ".join(item.css("*::text").getall()) for item in document.css("ul.-pvs.-mvxs.-phm.-lsn li")]
    pairs = [line.split(":", 1) for line in lines if ":" in line]
    return {" ".join(name.split()): " ".join(value.split()) for name, value in pairs if value.strip()}


def _from_page(document: Selector, linked: dict[str, Any], page: Page) -> Offer:
    terms = linked.get("offers") or {}
    if terms.get("priceCurrency", page.currency) != page.currency:
        raise ValueError(f"priced in {terms['priceCurrency']}")
    shown = parse_price(_text(document, "span.-b.-tal.-fs24, span.-b.-ltr.-tal.-fs24"))
    old = _text(document, "span.-lthr.-fs16")
    rated = linked.get("aggregateRating") or {}
    sku = _specifications(document).get("SKU") or document.css("[data-sku]::attr(data-sku)").get()
    count = rated.get("ratingCount") or parse_count(_text(document, "a.-plxs._more"))
    rating = rated.get("ratingValue") or parse_rating(_text(document, ".stars._m._al"))
    availability, left = _availability(document, str(terms.get("availability") or ""))
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=sku or "",
        url=page.absolute(document.css('link[rel="canonical"]::attr(href)').get() or page.url),
        title=_text(document, "h1.-fs20") or str(linked.get("name") or ""),
        observed_at=page.observed_at,
        brand=linked.get("brand") or None,
        category_path=[" ".join(text.split()) for text in document.css(".brcbs a.cbs[href]::text").getall()[1:]],
        price=Decimal(str(terms["price"])) if terms.get("price") else shown.low,
        currency=page.currency,
        old_price=parse_price(old).low if old else None,
        price_kind="from" if shown.is_range else "fixed",
        rating=Decimal(str(rating)) if rating else None,
        rating_count=count,
        availability=availability,
        stock_left=left,
        seller_kind="official" if document.css("a.bdg._mall") else "shop",
    )


def _availability(document: Selector, schema: str) -> tuple[Availability, int | None]:
    if schema.endswith("OutOfStock"):
        return "out_of_stock", 0
    low = _LOW.search(" ".join(document.css("p.-df.-i-ctr.-fs12::text").getall()))
    if low:
        return "low_stock", int(low.group(1)) if low.group(1) else None
    return ("in_stock", None) if schema.endswith("InStock") else ("unknown", None)


def _complete(offer: Offer, document: Selector, linked: dict[str, Any], page: Page) -> None:
    """What only the page itself says: seller, badges, pictures, specifications, description."""
    if document.css("a.bdg._mall"):
        offer.seller_kind = "official"
    offer.seller_name = _seller(document)
    image = linked.get("image") or {}
    pictures = image.get("contentUrl") or document.css("#imgs a::attr(href)").getall()
    pictures = [pictures] if isinstance(pictures, str) else pictures
    offer.image_urls = [page.absolute(picture) for picture in pictures] or offer.image_urls
    specifications = _specifications(document)
    specifications.pop("SKU", None)
    offer.attributes |= specifications
    if description := " ".join(str(linked.get("description") or "").split()):
        offer.attributes["description"] = description[:_DESCRIPTION_LENGTH]


def _seller(document: Selector) -> str | None:
    for card in document.css("section.card"):
        if " ".join(card.css("h2 *::text, h2::text").getall()).strip().lower() in _SELLER_TITLES:
            return _text(card, "p.-m.-pbs") or None
    return None


def _text(document: Selector, query: str) -> str:
    found = document.css(query)
    return " ".join(" ".join(found[0].css("::text").getall()).split()) if found else ""
