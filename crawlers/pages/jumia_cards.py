"""Jumia's product cards as HTML: what carries a page whose embedded JSON is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsel import Selector

from crawlers.pages.jumia_state import category_path
from crawlers.pages.page import Found, Page
from crawlers.pages.prices import parse_count, parse_price, parse_rating
from pipelines.offer import Offer
from pipelines.reject import Reject

_SKU_IN_ADDRESS = re.compile(r"(?:/products/|[?&]tkWl=)([A-Z0-9]{8,})-\d+")
_LINE_BREAK = re.compile(r"\s*\n\s*")
_COUNT = re.compile(r"\((\d[\d,]*)")


def catalogue_cards(document: Selector) -> list[Selector]:
    """The cards of the catalogue itself: carousels have no `c-prd`, placeholders for advertisements no address."""
    return [card for card in document.css("article.c-prd") if card.css("a.core::attr(href)").get()]


def all_cards(document: Selector) -> list[Selector]:
    """Every product card, carousels included: of a home page, which has nothing else."""
    return [card for card in document.css("article.prd") if card.css("a.core::attr(href)").get()]


def read(cards: list[Selector], page: Page, first_position: int | None) -> Found:
    """Offers of cards, numbered from `first_position` on (None: cards that stand in no order)."""
    found = Found()
    for index, card in enumerate(cards):
        try:
            found.offers.append(_offer(card, page, None if first_position is None else first_position + index))
        except (ValueError, ArithmeticError) as error:
            raw = {"html": card.get()[:2000]}
            found.rejects.append(Reject(url=page.url, reason=f"offer/unreadable: {error}", raw=raw))
    return found


def _offer(card: Selector, page: Page, position: int | None) -> Offer:
    price = parse_price(_first(card, ".prc .curr::text", ".prc::text") or "")
    old = _first(card, ".old::text", ".prc::attr(data-oprc)")
    count = _COUNT.search(" ".join(card.css(".rev::text").getall()))
    left = parse_count(" ".join(card.css(".stk::text").getall()))
    image = _first(card, "img.img::attr(data-src)", "img.img::attr(src)")
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=_sku(card),
        url=page.absolute(card.css("a.core::attr(href)").get() or ""),
        title=_LINE_BREAK.sub(" ", _first(card, ".name::text") or ""),
        observed_at=page.observed_at,
        brand=_first(card, "[data-gtm-brand]::attr(data-gtm-brand)", "[data-brand]::attr(data-brand)"),
        category_path=category_path(
            _first(card, "[data-gtm-category]::attr(data-gtm-category)", "[data-category]::attr(data-category)")
        ),
        price=price.low,
        currency=page.currency,
        old_price=parse_price(old).low if old else None,
        price_kind="from" if price.is_range else "fixed",
        rating=parse_rating(" ".join(card.css(".stars::text").getall())),
        rating_count=int(count.group(1).replace(",", "")) if count else None,
        availability="in_stock" if left is None else "low_stock" if left else "out_of_stock",
        stock_left=left,
        seller_kind="official" if card.css("._mall") else "shop",
        shipped_from_abroad=bool(card.css("._glb")),
        express=bool(card.css("svg.xprss")),
        position=position,
        sponsored=True if "_spn" in (card.attrib.get("class") or "").split() else None,
        image_urls=[page.absolute(image)] if image and not image.startswith("data:") else [],
    )


def _sku(card: Selector) -> str:
    for sku in _sku_candidates(card):
        if sku:
            return sku
    raise ValueError("the card names no SKU")


def _sku_candidates(card: Selector) -> Iterator[str | None]:
    for name in ("data-gtm-id", "data-ga4-item_id", "data-sku", "data-id"):
        yield card.css(f"[{name}]::attr({name})").get()
    for address in card.css("form::attr(action), a::attr(href)").getall():
        if found := _SKU_IN_ADDRESS.search(address):
            yield found.group(1)


def _first(card: Selector, *queries: str) -> str | None:
    for query in queries:
        if text := (card.css(query).get() or "").strip():
            return text
    return None
