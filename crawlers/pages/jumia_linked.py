"""LD+JSON of Jumia's pages: the product of a product page, and the first products of a listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from parsel import Selector

from crawlers.pages.jumia_places import PAGE_SIZE
from crawlers.pages.jumia_products import UNREADABLE, plain
from crawlers.pages.jumia_state import decoded
from crawlers.pages.page import Found, Page
from crawlers.pages.prices import amount_of, count_of, rating_of
from pipelines.offer import Availability, Offer
from pipelines.reject import Reject

Node = dict[str, Any]

_NUMBER = re.compile(r"-(?:mpg)?(\d+)\.html")


class Listed(NamedTuple):
    """A product that a listing's LD+JSON names, and its place on the page, from 1."""

    place: int
    item: Node


def number_in(address: str) -> str | None:
    """Jumia's own number of a product, which ends its address; None where there is none."""
    found = _NUMBER.search(address)
    return found.group(1) if found else None


def product(document: Selector) -> Node:
    """The product that a product page is about; empty without one."""
    for node in _nodes(document):
        for about in (node, node.get("mainEntity")):
            if isinstance(about, dict) and _is(about, "Product"):
                return about
    return {}


def listed(document: Selector) -> list[Listed]:
    """The products of a listing that have an address and an offer; what has neither keeps its place."""
    found: list[Listed] = []
    for node in _nodes(document):
        entity = node if _is(node, "ItemList") else node.get("mainEntity")
        entries = entity.get("itemListElement") if isinstance(entity, dict) else None
        if isinstance(entries, list):
            named = zip(_places(entries), entries, strict=True)
            found += [Listed(place, entry["item"]) for place, entry in named if _is_offered(entry)]
    return found


def _places(entries: list[Any]) -> list[int]:
    """The places that the entries say to have, which may be counted over pages; else those they stand at."""
    told = [entry.get("position") if isinstance(entry, dict) else None for entry in entries]
    positions = [position for position in told if isinstance(position, int) and position > 0]
    if not entries or len(set(positions)) != len(entries):
        return list(range(1, len(entries) + 1))
    before = (min(positions) - 1) // PAGE_SIZE * PAGE_SIZE
    return [position - before for position in positions]


def _is_offered(entry: object) -> bool:
    item = entry.get("item") if isinstance(entry, dict) else None
    return isinstance(item, dict) and isinstance(item.get("url"), str) and bool(item["url"]) and bool(_terms(item))


def read(listed: list[Listed], page: Page, skus: tuple[str, ...], first_position: int, known: dict[str, str]) -> Found:
    """Offers of the products that a listing's LD+JSON names.

    Args:
        skus: of the listing, in its order, where the page tells them: LD+JSON itself names no SKU.
        first_position: of the first place of the page.
        known: SKUs by address, where the page names them so; an order that contradicts them is not believed.
    """
    found = Found()
    told = {place: skus[place - 1] for place, _ in listed if place <= len(skus)}
    agree = all(known.get(page.link(item["url"]) or "", told.get(place)) == told.get(place) for place, item in listed)
    for place, item in listed:
        try:
            sku = known.get(page.link(item["url"]) or "") or (told.get(place) if agree else None)
            found.offers.append(_offer(item, page, sku, first_position + place - 1))
        except UNREADABLE as error:
            found.rejects.append(Reject(url=page.url, reason=f"offer/unreadable: {error}", raw=item))
    return found


def currency(item: Node) -> str | None:
    """ISO 4217 code of the price of a product, None where it names none."""
    code = _terms(item).get("priceCurrency")
    return str(code) if code else None


def price(item: Node) -> Decimal | None:
    """Price of a product, in its `currency`; None where it has none.

    Raises:
        ValueError: what stands there is no price.
    """
    return amount_of(_terms(item).get("price")) or amount_of(_terms(item).get("lowPrice"))


def rating(item: Node) -> tuple[Decimal | None, int | None]:
    """Mean and count of the ratings of a product; None each where it has none that can be read."""
    rated = item.get("aggregateRating")
    rated = rated[0] if isinstance(rated, list) and rated else rated
    if not isinstance(rated, dict):
        return None, None
    count = count_of(rated.get("ratingCount"))
    return rating_of(rated.get("ratingValue")), count_of(rated.get("reviewCount")) if count is None else count


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
        image_urls=page.links(images(item)),
    )


def _terms(item: Node) -> Node:
    terms = item.get("offers")
    terms = terms[0] if isinstance(terms, list) and terms else terms
    return terms if isinstance(terms, dict) else {}


def _is(node: Node, kind: str) -> bool:
    named = node.get("@type")
    return kind in named if isinstance(named, list) else named == kind


def _nodes(document: Selector) -> Iterator[Node]:
    for script in document.xpath('//script[contains(@type, "ld+json")]/text()').getall():
        data = decoded(script.strip().encode("utf-8", "replace"))
        for told in data if isinstance(data, list) else [data]:
            graph = told.get("@graph") if isinstance(told, dict) else None
            for node in graph if isinstance(graph, list) else [told]:
                if isinstance(node, dict):
                    yield node
