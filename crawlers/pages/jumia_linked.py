"""LD+JSON of Jumia's pages: the product of a product page, and the first products of a listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from parsel import Selector

from crawlers.pages.jumia_products import UNREADABLE, plain
from crawlers.pages.jumia_state import decode
from crawlers.pages.page import Found, Page
from pipelines.offer import Availability, Offer
from pipelines.reject import Reject

Node = dict[str, Any]

_NUMBER = re.compile(r"-(?:mpg)?(\d+)\.html")


def number_in(address: str) -> str | None:
    """Jumia's own number of a product, which ends its address; None where there is none."""
    found = _NUMBER.search(address)
    return found.group(1) if found else None


def product(document: Selector) -> Node:
    """The product that a product page is about; empty without one."""
    for node in _nodes(document):
        for about in (node, node.get("mainEntity")):
            if isinstance(about, dict) and about.get("@type") == "Product":
                return about
    return {}


def listed(document: Selector) -> list[Node]:
    """The products of a listing that have an address and an offer, in order."""
    found = []
    for node in _nodes(document):
        entity = node.get("mainEntity") if node.get("@type") != "ItemList" else node
        entries = entity.get("itemListElement") if isinstance(entity, dict) else None
        items = [entry.get("item") for entry in entries or [] if isinstance(entry, dict)]
        found += [item for item in items if isinstance(item, dict) and item.get("url") and _terms(item)]
    return found


def read(items: list[Node], page: Page, skus: tuple[str, ...], first_position: int) -> Found:
    """Offers of the products that a listing's LD+JSON names.

    Args:
        skus: of the listing, in its order, where the page tells them: LD+JSON itself names no SKU.
    """
    found = Found()
    for index, item in enumerate(items):
        try:
            sku = skus[index] if index < len(skus) else None
            found.offers.append(_offer(item, page, sku, first_position + index))
        except UNREADABLE as error:
            found.rejects.append(Reject(url=page.url, reason=f"offer/unreadable: {error}", raw=item))
    return found


def currency(item: Node) -> str | None:
    """ISO 4217 code of the price of a product, None where it names none."""
    code = _terms(item).get("priceCurrency")
    return str(code) if code else None


def price(item: Node) -> Decimal | None:
    """Price of a product, in its `currency`; None where it has none."""
    amount = _terms(item).get("price") or _terms(item).get("lowPrice")
    return Decimal(str(amount)) if amount else None


def availability(item: Node) -> Availability:
    """Availability of a product, from schema.org's address of it."""
    named = str(_terms(item).get("availability") or "").rsplit("/", 1)[-1]
    if named in ("OutOfStock", "SoldOut", "Discontinued"):
        return "out_of_stock"
    return {"InStock": "in_stock", "LimitedAvailability": "low_stock"}.get(named, "unknown")  # type: ignore[return-value]


def brand(item: Node) -> str | None:
    """Brand of a product."""
    named = item.get("brand")
    named = named.get("name") if isinstance(named, dict) else named
    return plain(named) or None if isinstance(named, str) else None


def images(item: Node) -> list[str]:
    """Addresses of pictures."""
    image = item.get("image")
    image = image.get("contentUrl") if isinstance(image, dict) else image
    found = [image] if isinstance(image, str) else image if isinstance(image, list) else []
    return [address for address in found if isinstance(address, str)]


def _offer(item: Node, page: Page, sku: str | None, position: int) -> Offer:
    url, amount = page.absolute(item["url"]), price(item)
    identity = sku or number_in(url)
    if not identity:
        raise ValueError("neither a SKU nor a number in the address")
    if currency(item) not in (None, page.currency):
        raise ValueError(f"priced in {currency(item)}")
    state = availability(item)
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=identity,
        url=url,
        title=plain(item["name"]),
        observed_at=page.observed_at,
        brand=brand(item),
        price=amount,
        currency=page.currency if amount is not None else None,
        price_kind="fixed" if amount is not None else "none",
        availability=state,
        stock_left=0 if state == "out_of_stock" else None,
        position=position,
        image_urls=[page.absolute(address) for address in images(item)],
    )


def _terms(item: Node) -> Node:
    terms = item.get("offers")
    terms = terms[0] if isinstance(terms, list) and terms else terms
    return terms if isinstance(terms, dict) else {}


def _nodes(document: Selector) -> Iterator[Node]:
    for script in document.xpath('//script[contains(@type, "ld+json")]/text()').getall():
        data = decode(script.strip().encode())
        graph = data.get("@graph") if data else None
        for node in graph if isinstance(graph, list) else [data]:
            if isinstance(node, dict):
                yield node
