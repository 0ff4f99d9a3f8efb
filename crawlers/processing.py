"""Scrapy's way of an item, with less between the steps: one item per offer at a price that a crawl can pay.

Scrapy starts tasks for every item: a hundred workers a response, one for each pipeline's answer, one for each
listener of `item_scraped`; and takes it through three generators a spider middleware. On a page of 40 offers that is
half of a crawl's time (`make bench`). What is here is put in place by Scrapy's own settings and keeps what users see:
pipelines, drops, errors, feeds and stats.
"""

from __future__ import annotations

import functools
import gc
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import DropItem
from scrapy.extensions.corestats import CoreStats
from scrapy.logformatter import LogFormatter
from scrapy.pipelines import ItemPipelineManager
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.defer import ensure_awaitable

from pipelines.offer import Offer
from pipelines.reject import Reject

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector


class ItemProcessor(ItemPipelineManager):
    """ITEM_PROCESSOR: calls the pipelines one after another and awaits only what is awaitable."""

    async def process_item_async(self, item: Any) -> Any:
        """The item as the last pipeline returns it; counted once no pipeline has dropped it.

        An offer that makes a pipeline fail is kept as a reject; Scrapy logs the error with its traceback.
        """
        try:
            processed = await self._through(item)
        except DropItem:
            raise
        except Exception as error:
            if isinstance(item, Offer):
                reason = f"offer/unexpected: {type(error).__name__}: {error}"
                await self._through(Reject(url=item.url, reason=reason, raw=asdict(item)))
            raise
        self._stats.inc_value("item_scraped_count")
        return processed

    async def _through(self, item: Any) -> Any:
        if self._mw_methods_requiring_spider:
            return await super().process_item_async(item)
        for process in self.methods["process_item"]:
            assert process is not None
            item = process(item)
            if hasattr(type(item), "__await__"):
                item = await ensure_awaitable(item)
        return item

    @functools.cached_property
    def _stats(self) -> StatsCollector:
        assert self.crawler is not None
        assert self.crawler.stats is not None
        return self.crawler.stats


class ItemStats(CoreStats):
    """EXTENSIONS: Scrapy's own counts, but that of items, which `ItemProcessor` keeps without a signal."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ItemStats:
        """Scrapy's constructor."""
        made: ItemStats = super().from_crawler(crawler)
        crawler.signals.disconnect(made.item_scraped, signal=signals.item_scraped)
        return made


class PlainStats(MemoryStatsCollector):
    """STATS_CLASS: without the look behind every attribute for callers that still pass a spider."""

    __getattribute__ = object.__getattribute__


class SeldomCollected:
    """EXTENSIONS: what Scrapy and the libraries have made by the start of a crawl is not searched for garbage again.

    A page makes thousands of small objects and no cycles that matter; Python would look through them every 700.
    """

    _YOUNG, _MIDDLE, _OLD = 20_000, 20, 100

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SeldomCollected:
        """Scrapy's constructor."""
        made = cls()
        crawler.signals.connect(made.settle, signals.engine_started)
        return made

    def settle(self) -> None:
        """Called once the engine has started. To collect first would take a tenth of a second, for next to nothing."""
        gc.freeze()
        gc.set_threshold(self._YOUNG, self._MIDDLE, self._OLD)


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
