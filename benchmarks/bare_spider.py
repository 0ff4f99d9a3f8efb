"""Bare spiders that are given every address: `nothing` only downloads, `items` yields, `css` reads the cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import scrapy
from scrapy.http import Response


class EmptyPipeline:
    """Hands the item on."""

    def process_item(self, item: Any) -> Any:
        """The same item."""
        return item


class Second(EmptyPipeline):
    """Scrapy keeps one of each class."""


class Third(EmptyPipeline):
    """As above."""


class Fourth(EmptyPipeline):
    """As above."""


class Fifth(EmptyPipeline):
    """As above."""


class BareSpider(scrapy.Spider):
    """Downloads what it is given; `how` says what it makes of it."""

    name = "bare"
    custom_settings: ClassVar[dict[str, Any]] = {
        "ITEM_PIPELINES": {EmptyPipeline: 1, Second: 2, Third: 3, Fourth: 4, Fifth: 5}
    }

    def __init__(self, start: str, pages: str, how: str) -> None:
        super().__init__()
        self.start_urls = [f"{start}/c{number}/" for number in range(1, int(pages) + 1)]
        ways: dict[str, Callable[[Response], Iterator[dict[str, Any]]]] = {
            "nothing": lambda _: iter(()),
            "items": lambda _: ({"number": number} for number in range(40)),
            "css": self.cards,
        }
        self.read = ways[how]

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Items."""
        yield from self.read(response)

    def cards(self, response: Response) -> Iterator[dict[str, Any]]:
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
