"""The Jumia spider without its bound of pages, for a crawl of any length."""

from __future__ import annotations

from typing import Any

from crawlers.spiders.jumia import JumiaSpider


class LongSpider(JumiaSpider):
    """Follows the next link for as long as there is one.

    scrapy runspider benchmarks/long_spider.py -a category=long
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.pages_left = 10**9
