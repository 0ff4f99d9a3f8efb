"""Bare spiders of a listing: fields out of the page, the next link, nothing else.

`json` is as lean as Scrapy gets: embedded JSON and a pattern, no document is built. `css` is what a tutorial does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class BareSpider(scrapy.Spider):
    """Follows the next link; `how` says whether products are read from the embedded JSON or from the cards."""

    name = "bare"

    def __init__(self, start: str, how: str) -> None:
        super().__init__()
        self.start_urls = [start]
        self.read = self.from_json if how == "json" else self.from_cards
        self.next = self.next_by_pattern if how == "json" else self.next_by_css

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Items and the next request."""
        yield from self.read(response)
        if following := self.next(response):
            yield response.follow(following)

    def next_by_pattern(self, response: Response) -> str | None:
        """The next link without building the document."""
        found = re.search(r'href="([^"]+)" class="pg" aria-label="Page suivante"', response.text)
        return found.group(1) if found else None

    def next_by_css(self, response: Response) -> str | None:
        """The next link as a tutorial finds it."""
        address: str | None = response.css('a[aria-label="Page suivante"]::attr(href)').get()
        return address

    def from_json(self, response: Response) -> Iterator[dict[str, Any]]:
        """Products of the embedded JSON."""
        script = response.text.split("window.__STORE__=", 1)[1]
        state, _ = json.JSONDecoder().raw_decode(script)
        for product in state["products"]:
            yield {
                "sku": product["sku"],
                "title": product["displayName"],
                "url": response.urljoin(product["url"]),
                "price": product["prices"]["rawPrice"],
                "old_price": product["prices"]["oldPrice"],
                "rating": product["rating"]["average"],
                "count": product["rating"]["totalRatings"],
                "image": product["image"],
            }

    def from_cards(self, response: Response) -> Iterator[dict[str, Any]]:
        """Products of the cards."""
        for card in response.css("article.c-prd"):
            yield {
                "sku": card.css("a.core::attr(data-gtm-id)").get(),
                "title": card.css("h3.name::text").get(),
                "url": response.urljoin(card.css("a.core::attr(href)").get() or ""),
                "price": card.css("div.prc::text").get(),
                "old_price": card.css("div.old::text").get(),
                "rating": card.css(".stars::text").get(),
                "count": card.css(".rev::text").get(),
                "image": card.css("img.img::attr(data-src)").get(),
            }
