"""Brands of a listing whose cards do not name them, as mobile cards do not: from what else the page says."""

from __future__ import annotations

import re

from parsel import Selector

from crawlers.pages.jumia_linked import Node, number_in
from crawlers.pages.jumia_products import plain
from pipelines.offer import Offer

_FACET = 'a[data-eventaction="brand"]::attr(aria-label)'
_PICTURED = './/h2[contains(., "Brands") or contains(., "Marques")]/../following-sibling::*[1]//img/@alt'
_OF_A_SKU = 2
_SIGNS = re.compile(r"[^a-z0-9]")


def complete(offers: list[Offer], named: dict[str, Node], document: Selector) -> None:
    """Gives each offer without a brand the one that its title begins with.

    A title is the brand and the name, and LD+JSON has the name alone: what stands before it is the brand. The other
    offers may have these brands, and those that the page lists if the SKU, which begins like the brand, agrees. Where
    the SKU agrees with a title's first word and the page lists no such brand, that word is taken: of a brand of two
    words that is the first alone.

    Args:
        named: products of the LD+JSON by address.
    """
    unnamed = [offer for offer in offers if offer.brand is None]
    if not unnamed:
        return
    certain: dict[str, str] = {}
    for offer in offers:
        if prefix := _before_name(offer.title, named.get(offer.url)):
            offer.brand = offer.brand or prefix
            certain[prefix.casefold()] = prefix
    listed = [*document.css(_FACET).getall(), *document.xpath(_PICTURED).getall()]
    brands = {brand.casefold() for text in listed if (brand := plain(text))} | certain.keys()
    for offer in unnamed:
        if offer.brand is None and offer.url not in named:
            offer.brand = _begun_with(offer, brands, certain)


def _before_name(title: str, item: Node | None) -> str | None:
    name = plain(str(item.get("name") or "")) if item else ""
    return title.removesuffix(name).strip() or None if name and title.endswith(f" {name}") else None


def _begun_with(offer: Offer, brands: set[str], certain: dict[str, str]) -> str | None:
    """The longest of the brands that the title begins with, as the title writes it."""
    words = offer.title.split()
    for count in range(len(words) - 1, 0, -1):
        brand = " ".join(words[:count])
        if brand.casefold() in brands and (_agrees(offer, brand) or brand.casefold() in certain):
            return certain.get(brand.casefold(), brand)
    return words[0] if len(words) > 1 and words[0].isalpha() and _agrees(offer, words[0]) else None


def _agrees(offer: Offer, brand: str) -> bool:
    letters = _SIGNS.sub("", brand.casefold())[:_OF_A_SKU]
    told = offer.external_id != number_in(offer.url)
    return told and len(letters) == _OF_A_SKU and offer.external_id[:_OF_A_SKU].lower() == letters
