"""A Jumia listing: a category or a search, desktop or mobile, and the home page."""

from __future__ import annotations

import html
import re

from parsel import Selector

from crawlers.pages import jumia_cards, jumia_linked, jumia_products, jumia_state
from crawlers.pages.encoding import text_of
from crawlers.pages.errors import EmptyResult, LayoutChanged
from crawlers.pages.jumia_tracking import tracked
from crawlers.pages.page import Found, Page, refuse_truncated

PAGE_SIZE = 40
LINKED_ONLY = "page/linked_data_only"
_NEXT_LABELS = (b"Next Page", b"Page suivante", "الصفحة التالية".encode())
_HREF = re.compile(rb"""\bhref\s*=\s*["']\s*([^"'\s]+)""", re.IGNORECASE)
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
    products = jumia_state.products(state) if state else []
    first = (page.number - 1) * PAGE_SIZE + 1
    found = jumia_products.read(products, page, first) if products else _from_document(page, first)
    if not found.offers:
        raise LayoutChanged(f"none of {len(found.rejects)} products can be read: {found.rejects[0].reason}")
    found.next_url = next_url(page)
    return found


def _from_document(page: Page, first: int) -> Found:
    refuse_truncated(page)
    document = Selector(text=text_of(page.body))
    cards, listed, skus = jumia_cards.catalogue_cards(document), jumia_linked.listed(document), tracked(page.body).skus
    if not cards and not listed:
        text = " ".join(document.xpath("//body//text()[not(parent::script or parent::style)]").getall())
        if _NOTHING.search(" ".join(text.split())):
            raise EmptyResult("the shop says that there is nothing here")
        raise LayoutChanged("no product found, and the page does not say that there is none")
    found = jumia_cards.read(cards, page, skus, first)
    if not found.offers and listed:
        found = jumia_linked.read(listed, page, skus, first)
        found.troubles.append(LINKED_ONLY)
    _complete(found, listed, page)
    return found


def _complete(found: Found, listed: list[jumia_linked.Node], page: Page) -> None:
    """The LD+JSON of a listing names the first products. In another currency than the cards, the cards are misread."""
    named = {page.absolute(item["url"]): item for item in listed}
    for offer in found.offers:
        item = named.get(offer.url)
        if item is None:
            continue
        if jumia_linked.currency(item) not in (None, page.currency):
            raise LayoutChanged(f"{offer.external_id} is priced in {jumia_linked.currency(item)}")
        offer.image_urls = offer.image_urls or [page.absolute(address) for address in jumia_linked.images(item)]


def next_url(page: Page) -> str | None:
    """Address of the next page: the link of the page's head, else the one labelled so; None on the last page."""
    head = page.body.find(b"</head")
    link = _NEXT_LINK.search(page.body, 0, head) if head > 0 and page.body.find(b"next", 0, head) >= 0 else None
    if link is None:
        link = _labelled(page.body)
    address = _HREF.search(link.group()) if link else None
    return page.absolute(html.unescape(address.group(1).decode("utf-8", "replace"))) if address else None


def _labelled(body: bytes) -> re.Match[bytes] | None:
    """The link around the first label of the next page, or the one whose attribute is the label."""
    for label in _NEXT_LABELS:
        at = -1
        for _ in range(_TRIES):
            at = body.find(label, at + 1)
            if at < 0:
                break
            reach = max(at - _REACH, 0)
            opening = max(body.rfind(b"<a", reach, at), body.rfind(b"<A", reach, at))
            anchor = _ANCHOR.match(body, opening) if opening >= 0 else None
            if anchor and b"</a" not in body[anchor.end() : at].lower() and _HREF.search(anchor.group()):
                return anchor
    return None


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
    addresses = [page.absolute(link) for link in document.css(".flyout a.itm::attr(href)").getall()]
    categories = [url for url in addresses if url.startswith(origin) and url != origin and not _CAMPAIGN.search(url)]
    found.more = list(dict.fromkeys(categories))
    if not found.offers and not found.more:
        raise LayoutChanged("a home page without products and without categories")
    return found
