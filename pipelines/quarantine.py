"""Counts and names what was rejected: nothing is dropped silently."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pipelines.offer import Offer
from pipelines.reject import Reject

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)


class QuarantinePipeline:
    """300: every reject appears in the log and, by its defect's name, in the crawl's stats."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QuarantinePipeline:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_item(self, item: Offer | Reject) -> Offer | Reject:
        """The same item."""
        if isinstance(item, Reject):
            self.stats.inc_value(item.name)
            self.stats.inc_value("rejects")
            log.warning("Rejected, %s: %s", item.reason, item.url)
        return item
