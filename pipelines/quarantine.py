"""Counts and names what was rejected: nothing is dropped silently."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)


class QuarantinePipeline:
    """400: every reject appears in the log and, by the name of each defect, in the crawl's stats."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QuarantinePipeline:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_item(self, item: Offer | Reject | Gone) -> Offer | Reject | Gone:
        """The same item."""
        if isinstance(item, Offer):
            return item
        if isinstance(item, Gone):
            self.stats.inc_value(f"gone/{item.reason.split(':', 1)[0].rsplit('/', 1)[-1]}")
            log.info("Gone, %s: %s", item.reason, item.url)
            return item
        for name in item.names:
            self.stats.inc_value(name)
        self.stats.inc_value("rejects")
        log.warning("Rejected, %s: %s", item.reason, item.url)
        return item
