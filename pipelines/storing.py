"""The last pipeline: batches of a crawl go to the database, or wait on disk until it is back."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import psycopg2
from scrapy import signals

import database
from config import settings
from database import server
from pipelines.delivery import Delivery
from pipelines.offer import Offer
from pipelines.outcome import judge
from pipelines.records import Batch, CrawlEnd, CrawlStart
from pipelines.reject import Reject
from pipelines.sightings import Sightings
from pipelines.spool import Spool, SpoolFull

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812
    from scrapy import Spider
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

_OPTIONS = "-c timezone=UTC -c statement_timeout=120s -c lock_timeout=30s -c jit=off -c application_name=hanout-crawl"


def connect() -> Connection:
    """A connection that speaks UTC; the embedded server is started if it is not up.

    Raises:
        psycopg2.OperationalError: the database is away.
    """
    try:
        if not settings().database_url:
            server.ensure(settings().data_dir)
        return psycopg2.connect(database.libpq_dsn(), connect_timeout=5, options=_OPTIONS)
    except (RuntimeError, OSError) as error:
        raise psycopg2.OperationalError(str(error)) from error


def migrate() -> None:
    """Makes the tables; Alembic is loaded only where there are none."""
    from database.migrate import upgrade

    upgrade()


def spool() -> Spool:
    """The spool of this installation."""
    return Spool(settings().data_dir / "spool", settings().spool_max_mb * 1024 * 1024)


class StorePipeline:
    """400: collects offers and rejects into batches and delivers them off the reactor's thread.

    The spider tells who it is: `marketplace`, `country`, `recorded_arguments`, `failures`, `troubles`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.batch_size = settings().store_batch_size
        self.delivery = Delivery(connect, migrate, spool())
        self.sightings = Sightings()
        self.rejects: list[Reject] = []
        self.offers = 0
        self.crawl: CrawlStart | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        """Scrapy's constructor."""
        made = cls(crawler)
        crawler.signals.connect(made.spider_closed, signals.spider_closed)
        return made

    async def open_spider(self) -> None:
        """Opens the crawl's row; what an earlier crawl left in the spool is stored first."""
        spider: Any = self.crawler.spider
        self.crawl = CrawlStart(
            spider=spider.name,
            marketplace=spider.marketplace,
            country=spider.country,
            markets=settings().markets,
            arguments=spider.recorded_arguments,
            host=socket.gethostname(),
            pid=os.getpid(),
        )
        await asyncio.to_thread(self.delivery.begin, self.crawl)

    async def process_item(self, item: Offer | Reject) -> Offer | Reject:
        """Takes the item in; every STORE_BATCH_SIZE items a batch leaves."""
        if isinstance(item, Reject):
            self.rejects.append(item)
        elif not self.sightings.add(item):
            self.crawler.stats.inc_value("offer/seen_again")
        if len(self.sightings.pending) + len(self.rejects) >= self.batch_size:
            await self._flush(last=False)
        return item

    async def _flush(self, last: bool) -> None:
        if self.crawl is None:
            return
        offers, first = self.sightings.take()
        rejects, self.rejects = self.rejects, []
        if not offers and not rejects:
            return
        self.offers += first
        batch = Batch(crawl=self.crawl, offers=offers, rejects=rejects, first_sightings=first)
        try:
            stored = await asyncio.to_thread(self.delivery.deliver, batch, last)
            self.crawler.stats.inc_value("store/batches" if stored else "store/spooled_batches")
        except SpoolFull as error:
            await self._stop_for(batch, error)

    async def _stop_for(self, batch: Batch, error: SpoolFull) -> None:
        """The batch that found no room is kept, and is the last."""
        log.critical("The crawl stops, since nothing can be kept any more: %s", error)
        await asyncio.to_thread(self.delivery.deliver, batch, True)
        if self.crawler.engine:
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="spool_full"))

    async def close_spider(self) -> None:
        """Sends what is left."""
        await self._flush(last=True)

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Writes how the crawl ended."""
        if self.crawl is None:
            return
        told: Any = spider
        pages = self.crawler.stats.get_value("page/read", 0)
        state, why = judge(reason, self.offers, pages, told.failures, told.troubles)
        told.state = state
        stats = {name: _plain(value) for name, value in self.crawler.stats.get_stats().items()}
        end = CrawlEnd(crawl=self.crawl, state=state, reason=why, pages=pages, stats=stats)
        await asyncio.to_thread(self.delivery.deliver, end, True)
        self.delivery.disconnect()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else value
