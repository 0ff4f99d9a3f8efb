"""A Jumia listing: a category or a search, desktop or mobile, and the home page."""

from __future__ import annotations

import html
import re

from parsel import Selector

from crawlers.pages import jumia_brands, jumia_cards, jumia_linked, jumia_places, jumia_products, jumia_state
from crawlers.pages.encoding import text_of
from crawlers.pages.errors import EmptyResult, LayoutChanged
from crawlers.pages.jumia_places import HREF, PAGE_SIZE
from crawlers.pages.jumia_tracking import tracked
from crawlers.pages.page import Found, Page, number_named, refuse_truncated
from crawlers.pages.prices import parse_count

LINKED_ONLY = "page/linked_data_only"
_NEXT_LABELS = {b"en": b"Next Page", b"fr": b"Page suivante", b"ar": "الصفحة التالية".encode()}
_LANGUAGE = re.compile(rb"""<html\b[^>]{0,500}\blang\s*=\s*["']?([a-z]{2})""", re.IGNORECASE)
_HEAD = 4096
_SHOWN_NUMBER = ".pg-w ._act"
_PREVIOUS = (
    'link[rel="prev"]::attr(href), a[aria-label="Previous Page"]::attr(href), a[aria-label^="Page préc"]::attr(href)'
)
_NEXT_LINK = re.compile(rb"""<link\b[^>]{0,2000}\brel\s*=\s*["']?next\b[^>]{0,2000}>""", re.IGNORECASE)
_ANCHOR = re.compile(rb"<a\b[^>]{0,2000}>", re.IGNORECASE)
_TRIES = 20
_REACH = 4000
_NOTHING = re.compile(
    r"(?<![\d.,])0\s+(?:products? found|results?|résultats?|produits?)"
    r"|no results? (?:were )?found|there are no results|aucun (?:résultat|produit)|pas de résultats?|لا توجد نتائج",
    re.IGNORECASE,
)

# Algeria's games department had the address of a campaign.
_CAMPAIGN = re.compile(r"/mlp-(?!jeux-jouets-gaming/)")


def parse(page: Page, state: jumia_state.State | None) -> Found:
    """Offers of a listing: from the embedded JSON, else from the cards, else from what the LD+JSON lists.

    Raises:
        EmptyResult: the page says that it has no products.
        LayoutChanged: it has none and does not say so.
        PageTruncated: it has no embedded JSON and ends early.
        WrongShop: its prices are in another shop's currency.
    """
    products, following = jumia_state.products(state) if state else [], next_url(page)
    if products:
        found = jumia_products.read(products, page, _first(_number(page, following)))
    else:
        found = _from_document(page, following)
    if not found.offers:
        raise LayoutChanged(f"none of {len(found.rejects)} products can be read: {found.rejects[0].reason}")
    found.next_url = following
    return found


def _first(number: int) -> int:
    """The position of the first product of a page."""
    return (number - 1) * PAGE_SIZE + 1


def _number(page: Page, following: str | None) -> int:
    """The number of a page: of its address, else one less than that of the page that it links as the next."""
    named = number_named(page.url)
    return named or max((number_named(following or "") or 2) - 1, 1)


def _shown_number(page: Page, document: Selector, following: str | None) -> int:
    """The number of a page, also where neither its address nor a next page tells it."""
    if named := number_named(page.url):
        return named
    for text in document.css(_SHOWN_NUMBER).xpath("string()").getall():
        if number := parse_count(text):
            return number
    before = number_named(page.link(document.css(_PREVIOUS).get() or "") or "")
    return jumia_places.number_shown(page.body) or (before + 1 if before else _number(page, following))


def _from_document(page: Page, following: str | None) -> Found:
    refuse_truncated(page)
    document = Selector(text=text_of(page.body))
    cards, listed, skus = jumia_cards.catalogue_cards(document), jumia_linked.listed(document), tracked(page.body).skus
    if not cards and not listed:
        text = " ".join(document.xpath("//body//text()[not(parent::script or parent::style)]").getall())
        if _NOTHING.search(" ".join(text.split())):
            raise EmptyResult("the shop says that there is nothing here")
        raise LayoutChanged("no product found, and the page does not say that there is none")
    first = _first(_shown_number(page, document, following))
    found = jumia_cards.read(cards, page, skus, first, shows_ratings=bool(document.css(".stars")))
    if not found.offers and listed:
        found = jumia_linked.read(listed, page, skus, first, jumia_cards.skus_by_address(cards, page))
        found.troubles.append(LINKED_ONLY)
    _complete(found, listed, document, page)
    return found


def _complete(found: Found, listed: list[jumia_linked.Listed], document: Selector, page: Page) -> None:
    """The LD+JSON of a listing names the first products. In another currency than the cards, the cards are misread."""
    named = {address: item for _, item in listed if (address := page.link(item["url"]))}
    for offer in found.offers:
        item = named.get(offer.url)
        if item is None:
            continue
        if jumia_linked.currency(item) not in (None, page.currency):
            raise LayoutChanged(f"{offer.external_id} is priced in {jumia_linked.currency(item)}")
        offer.image_urls = offer.image_urls or page.links(jumia_linked.images(item))
    jumia_brands.complete(found.offers, named, document)


def next_url(page: Page) -> str | None:
    """Address of the next page: the link of the page's head, else the one labelled so; None on the last page."""
    head = page.body.find(b"</head")
    link = _NEXT_LINK.search(page.body, 0, head) if head > 0 and page.body.find(b"next", 0, head) >= 0 else None
    if link is None:
        link = _labelled(page.body)
    address = HREF.search(link.group()) if link else None
    return page.link(html.unescape(address.group(1).decode("utf-8", "replace"))) if address else None


def _labelled(body: bytes) -> re.Match[bytes] | None:
    """The link around the first label of the next page, or the one whose attribute is the label."""
    for label in _next_labels(body):
        at = -1
        for _ in range(_TRIES):
            at = body.find(label, at + 1)
            if at < 0:
                break
            reach = max(at - _REACH, 0)
            opening = max(body.rfind(b"<a", reach, at), body.rfind(b"<A", reach, at))
            anchor = _ANCHOR.match(body, opening) if opening >= 0 else None
            if anchor and b"</a" not in body[anchor.end() : at].lower() and HREF.search(anchor.group()):
                return anchor
    return None


def _next_labels(body: bytes) -> list[bytes]:
    """Of the page's own language alone where it names one: to miss a label costs a look through the whole page."""
    told = _LANGUAGE.search(body, 0, _HEAD)
    label = _NEXT_LABELS.get(told.group(1).lower()) if told else None
    return [label] if label else list(_NEXT_LABELS.values())


def parse_home(page: Page) -> Found:
    """The home page: offers of its carousels, without a position, and the categories of its menu.

    Raises:
        LayoutChanged: neither is there.
        PageTruncated: the page ends early.
        WrongShop: its prices are in another shop's currency.
    """
    refuse_truncated(page)
    document = Selector(text=text_of(page.body))
    found = jumia_cards.read(jumia_cards.all_cards(document), page)
    origin = page.absolute("/")
    addresses = page.links(document.css(".flyout a.itm::attr(href)").getall())
    categories = [url for url in addresses if url.startswith(origin) and url != origin and not _CAMPAIGN.search(url)]
    found.more = list(dict.fromkeys(categories))
    if not found.offers and not found.more:
        raise LayoutChanged("a home page without products and without categories")
    return found
