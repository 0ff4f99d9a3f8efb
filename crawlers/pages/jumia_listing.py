"""A Jumia listing: a category or a search, desktop or mobile, and the home page."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
from parsel import Selector

from crawlers.pages import jumia_cards, jumia_state
from crawlers.pages.errors import EmptyResult, LayoutChanged
from crawlers.pages.page import Found, Page, refuse_truncated
from pipelines.reject import Reject

PAGE_SIZE = 40
_NEXT_LABEL = re.compile(rb'(?:aria-label="|<span[^>]*>)(?:Next Page|Page suivante)')
_HREF = re.compile(rb'href="([^"]+)"')
_NEXT_LINK = re.compile(rb'<link[^>]*rel="next"[^>]*>')
_NOTHING = re.compile(
    r"(?<![\d.,])0\s+(?:products? found|results?|résultats?|produits?)"
    r"|no results? (?:were )?found|there are no results|aucun (?:résultat|produit)|لا توجد نتائج",
    re.IGNORECASE,
)


def parse(page: Page, state: jumia_state.State | None) -> Found:
    """Offers of a listing: from the embedded JSON, else from the cards with the prices of the LD+JSON.

    Raises:
        EmptyResult: the page says that it has no products.
        LayoutChanged: it has none and does not say so.
        PageTruncated: it has no embedded JSON and ends early.
    """
    products = jumia_state.products(state) if state else []
    found = _from_state(products, page) if products else _from_cards(page)
    if not found.offers and found.rejects:
        raise LayoutChanged(f"none of {len(found.rejects)} products can be read: {found.rejects[0].reason}")
    found.next_url = next_url(page)
    return found


def _from_state(products: list[jumia_state.State], page: Page) -> Found:
    found, before = Found(), (page.number - 1) * PAGE_SIZE
    for index, product in enumerate(products, before + 1):
        try:
            found.offers.append(jumia_state.offer(product, page, index))
        except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            reason = f"offer/unreadable: {type(error).__name__}: {error}"
            found.rejects.append(Reject(url=page.url, reason=reason, raw=product))
    return found


def _from_cards(page: Page) -> Found:
    refuse_truncated(page)
    document = Selector(text=page.body.decode("utf-8", "replace"))
    cards = jumia_cards.catalogue_cards(document)
    if not cards:
        text = " ".join(document.xpath("//body//text()[not(parent::script or parent::style)]").getall())
        if _NOTHING.search(" ".join(text.split())):
            raise EmptyResult("the shop says that there is nothing here")
        raise LayoutChanged("no product found, and the page does not say that there is none")
    found = jumia_cards.read(cards, page, (page.number - 1) * PAGE_SIZE + 1)
    _refuse_contradiction(found, document, page)
    return found


def _refuse_contradiction(found: Found, document: Selector, page: Page) -> None:
    """The LD+JSON of a listing names the first products: where it and the cards differ, the cards are misread."""
    named = {page.absolute(item["url"]): item["offers"] for item in linked_products(document)}
    for offer in found.offers:
        terms = named.get(offer.url)
        if terms and (str(terms.get("priceCurrency")) != offer.currency):
            raise LayoutChanged(f"{offer.external_id} is priced in {terms.get('priceCurrency')}")


def linked_products(document: Selector) -> list[dict[str, Any]]:
    """Products of the LD+JSON of a listing that carry an address and an offer."""
    products = []
    for script in document.css('script[type="application/ld+json"]::text').getall():
        try:
            data = orjson.loads(script)
        except orjson.JSONDecodeError:
            continue
        for node in data.get("@graph", [data]) if isinstance(data, dict) else []:
            entity = node.get("mainEntity") if isinstance(node, dict) else None
            entries = entity.get("itemListElement") if isinstance(entity, dict) else None
            items = [entry.get("item") for entry in entries or [] if isinstance(entry, dict)]
            products += [item for item in items if item and item.get("url") and isinstance(item.get("offers"), dict)]
    return products


def next_url(page: Page) -> str | None:
    """Address of the next page: the link labelled so, else the head's; None on the last page."""
    if label := _NEXT_LABEL.search(page.body):
        opening = page.body.rfind(b"<a", 0, label.start() + 1)
        tag = page.body[opening : page.body.find(b">", label.start())] if opening >= 0 else b""
        if b"</a>" not in tag and (address := _HREF.search(tag)):
            return page.absolute(html.unescape(address.group(1).decode()))
    link = _NEXT_LINK.search(page.body)
    address = _HREF.search(link.group()) if link else None
    return page.absolute(html.unescape(address.group(1).decode())) if address else None


def parse_home(page: Page) -> Found:
    """The home page: offers of its carousels, without a position, and the categories of its menu.

    Raises:
        LayoutChanged: neither is there.
        PageTruncated: the page ends early.
    """
    refuse_truncated(page)
    document = Selector(text=page.body.decode("utf-8", "replace"))
    found = jumia_cards.read(jumia_cards.all_cards(document), page, None)
    origin = page.absolute("/")
    addresses = [page.absolute(link) for link in document.css(".flyout a.itm::attr(href)").getall()]
    categories = [url for url in addresses if url.startswith(origin) and url != origin and "/mlp-" not in url]
    found.more = list(dict.fromkeys(categories))
    if not found.offers and not found.more:
        raise LayoutChanged("a home page without products and without categories")
    return found
