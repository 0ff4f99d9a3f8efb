"""Scrapy's way of an item, with less between the steps: one item per offer at a price that a crawl can pay.

Scrapy starts tasks for every item: a hundred workers a response, one for each pipeline's answer, one for each
listener of `item_scraped`. On a page of 40 offers that is half of a crawl's time (`make bench`). These three
replacements, put in place by Scrapy's own settings, keep what users see: pipelines, drops, errors, feeds and stats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.extensions.corestats import CoreStats
from scrapy.logformatter import LogFormatter
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.defer import ensure_awaitable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class ItemProcessor(ItemPipelineManager):
    """ITEM_PROCESSOR: calls the pipelines one after another and awaits only what is awaitable."""

    async def process_item_async(self, item: Any) -> Any:
        """The item as the last pipeline returns it; counted once no pipeline has dropped it."""
        if self._mw_methods_requiring_spider:
            item = await super().process_item_async(item)
        else:
            for process in self.methods["process_item"]:
                assert process is not None
                item = process(item)
                if hasattr(type(item), "__await__"):
                    item = await ensure_awaitable(item)
        assert self.crawler is not None
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("item_scraped_count")
        return item


class ItemStats(CoreStats):
    """EXTENSIONS: Scrapy's own counts, but that of items, which `ItemProcessor` keeps without a signal."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ItemStats:
        """Scrapy's constructor."""
        made: ItemStats = super().from_crawler(crawler)
        crawler.signals.disconnect(made.item_scraped, signal=signals.item_scraped)
        return made


class QuietItems(LogFormatter):
    """LOG_FORMATTER: an item is described only where LOG_LEVEL lets somebody read it."""

    def __init__(self, describe: bool) -> None:
        super().__init__()
        self.describe = describe

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QuietItems:
        """Scrapy's constructor."""
        return cls(crawler.settings.get("LOG_LEVEL") in ("DEBUG", "NOTSET"))

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        """Scrapy's line, or None."""
        return super().scraped(item, response, spider) if self.describe else None
