"""Jumia's product cards as HTML: what carries a page whose embedded JSON is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from parsel import Selector, SelectorList

from crawlers.pages import jumia_stock
from crawlers.pages.errors import LayoutChanged, WrongShop
from crawlers.pages.jumia_linked import number_in
from crawlers.pages.jumia_products import UNREADABLE, plain
from crawlers.pages.page import Found, Page
from crawlers.pages.prices import PriceText, currency_of, parse_count, parse_price, parse_rating
from pipelines.offer import Availability, Offer
from pipelines.reject import Reject

MOST_CARDS = 1000
_SKU_IN_ADDRESS = re.compile(r"(?:/products/|[?&]tkWl=)([A-Z0-9]{8,})-\d+")
_SKU_ATTRIBUTES = ("data-gtm-id", "data-ga4-item_id", "data-sku", "data-moengage-product_sku", "data-id")
_BRAND_ATTRIBUTES = ("data-gtm-brand", "data-ga4-item_brand", "data-moengage-brand_name", "data-brand")
_CATEGORY_ATTRIBUTES = ("data-gtm-category", "data-category")
_SELLER_ATTRIBUTES = ("data-gtm-dimension23", "data-dimension23")
_COUNT = re.compile(r"\(\s*(\d[\d,.\s]*)\)")
_WIDTH = re.compile(r"width:\s*([\d.]+)\s*%")
_BESIDE_NAME = './/text()[not(ancestor::*[contains(concat(" ", @class, " "), " name ")])]'
_EXCERPT = 2000


def catalogue_cards(document: Selector) -> list[Selector]:
    """The cards of the catalogue itself: carousels have no `c-prd`, advertisements put between them have `_spn`."""
    return _with_address(document.css("article.c-prd:not(._spn)"))


def all_cards(document: Selector) -> list[Selector]:
    """Every product card, carousels included: of a home page, which has nothing else."""
    return _with_address(document.css("article.prd"))


def _with_address(cards: SelectorList[Selector]) -> list[Selector]:
    if len(cards) > MOST_CARDS:
        raise LayoutChanged(f"{len(cards)} cards: no page of a shop has so many")
    return [card for card in cards if _address(card)]


def skus_by_address(cards: list[Selector], page: Page) -> dict[str, str]:
    """The SKU that a card names, by the card's address."""
    named = ((page.link(_address(card)), next(_skus(card), None)) for card in cards)
    return {address: sku for address, sku in named if address and sku}


def read(
    cards: list[Selector],
    page: Page,
    skus: tuple[str, ...] = (),
    first_position: int | None = None,
    shows_ratings: bool = False,
) -> Found:
    """Offers of cards.

    Args:
        skus: of all cards in their order, where the page tells them: for a card that does not name its own.
        first_position: of the first card; None: cards that stand in no order.
        shows_ratings: whether cards of this page show their rating, so that one without any has none yet.

    Raises:
        WrongShop: a card is priced in another shop's currency.
    """
    found = Found()
    named = [next(_skus(card), None) for card in cards]
    agree = len(skus) == len(cards) and all(own in (None, told) for own, told in zip(named, skus, strict=True))
    for index, card in enumerate(cards):
        position = None if first_position is None else first_position + index
        try:
            offer = _offer(card, page, named[index] or (skus[index] if agree else None), position)
            offer.rating_count = _rating_count(card, shows_ratings)
            found.offers.append(offer)
        except WrongShop:
            raise
        except UNREADABLE as error:
            raw = {"html": card.get()[:_EXCERPT]}
            found.rejects.append(Reject(url=page.url, reason=f"offer/unreadable: {error}", raw=raw))
    return found


def _offer(card: Selector, page: Page, sku: str | None, position: int | None) -> Offer:
    url = page.absolute(_address(card))
    identity = sku or number_in(url)
    if not identity:
        raise ValueError("the card names no SKU")
    price = money(_own_text(card, ".prc .curr") or _own_text(card, ".prc"), page)
    old = _own_text(card, ".old") or (card.css(".prc::attr(data-oprc)").get() or "").strip()
    availability, left = _stock(card)
    image = _attribute(card, ("data-src", "src"), "img.img")
    seller_id = _attribute(card, _SELLER_ATTRIBUTES)
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=identity,
        url=url,
        title=_own_text(card, ".name"),
        observed_at=page.observed_at,
        brand=plain(_attribute(card, _BRAND_ATTRIBUTES) or "") or None,
        category_path=_categories(card),
        price=price.low,
        currency=page.currency,
        old_price=money(old, page).low if old else None,
        price_kind="from" if price.is_range else "fixed",
        rating=_rating(card),
        availability=availability,
        stock_left=left,
        seller_kind="official" if card.css("._mall") else "shop",
        shipped_from_abroad=bool(card.css("._glb")),
        express=bool(card.css("svg.xprss")),
        position=position,
        image_urls=page.links([image]) if image and not image.startswith(("data:", "./")) else [],
        attributes={"seller_id": seller_id} if seller_id else {},
    )


def money(text: str, page: Page) -> PriceText:
    """A price of this shop.

    Raises:
        WrongShop: it names another shop's currency.
        ValueError: it is none.
    """
    named = currency_of(text)
    if named and named != page.currency:
        raise WrongShop(f"{text!r} on a page of the shop of {page.country}")
    return parse_price(text)


def _address(card: Selector) -> str:
    return (card.css("a.core::attr(href)").get() or "").strip()


def _skus(card: Selector) -> Iterator[str]:
    for name in _SKU_ATTRIBUTES:
        yield from filter(None, (value.strip() for value in card.xpath(f".//@{name}").getall()))
    for address in card.css("form::attr(action), a::attr(href)").getall():
        if found := _SKU_IN_ADDRESS.search(address):
            yield found.group(1)


def _categories(card: Selector) -> list[str]:
    """The trackers' categories one by one; older templates join them with a slash."""
    core = (card.css("a.core") or [card])[0].attrib
    named = [core.get(f"data-ga4-item_category{level}") for level in ("", 2, 3, 4, 5, 6, 7, 8, 9)]
    joined = _attribute(card, _CATEGORY_ATTRIBUTES) or ""
    return [name for entry in filter(None, named) if (name := plain(entry))] or [
        name for entry in joined.split("/") if (name := plain(entry))
    ]


def _rating(card: Selector) -> Decimal | None:
    """The written mean; a mobile card has only the width that covers the stars that are missing."""
    if (written := parse_rating(_own_text(card, ".stars"))) is not None:
        return written
    width = _WIDTH.search(card.css(".stars .in::attr(style)").get() or "")
    if width is None or "prd" in (card.attrib.get("class") or "").split():
        return None
    return ((100 - Decimal(width.group(1))) / 20).quantize(Decimal("0.1")).normalize()


def _rating_count(card: Selector, shows_ratings: bool) -> int | None:
    if count := _COUNT.search(_own_text(card, ".rev")):
        return parse_count(count.group(1))
    return 0 if shows_ratings and not card.css(".rev, .stars") else None


def _stock(card: Selector) -> tuple[Availability, int | None]:
    """What stands in the place for it, then whatever a card says beside its name; in stock where it says nothing."""
    told = _own_text(card, ".stk")
    availability, left = jumia_stock.said(told)
    if availability == "unknown" and (left := parse_count(told)) is not None:
        return ("low_stock", left) if left else ("out_of_stock", 0)
    if availability == "unknown":
        availability, left = jumia_stock.said(plain(" ".join(card.xpath(_BESIDE_NAME).getall())))
    return ("in_stock" if availability == "unknown" else availability), left


def _own_text(card: Selector, query: str) -> str:
    """The text of the first element, whatever blanks and line breaks stand in it."""
    found = card.css(query)
    return plain(" ".join(found[0].xpath(".//text()").getall())) if found else ""


def _attribute(card: Selector, names: tuple[str, ...], query: str = "") -> str | None:
    for name in names:
        for value in card.css(f"{query or '*'}[{name}]::attr({name})").getall():
            if text := str(value).strip():
                return text
    return None
