"""The last pipeline: batches of a crawl go to the database, or wait on disk until it is back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import psycopg2
from scrapy import signals

import database
from config import settings
from database import server
from pipelines.closing import process_started
from pipelines.delivery import Delivery
from pipelines.gone import Gone
from pipelines.intake import Intake
from pipelines.offer import Offer
from pipelines.outcome import judge
from pipelines.records import Batch, CrawlEnd, CrawlStart, Record
from pipelines.reject import Reject
from pipelines.spool import Spool, SpoolFull

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812
    from scrapy import Spider
    from scrapy.crawler import Crawler

Item = Offer | Reject | Gone

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
    """500: collects offers and rejects into batches and delivers them off the reactor's thread.

    The spider tells who it is (`marketplace`, `country`, `recorded_arguments`), how it went (`failures`, `troubles`,
    `cut`, `remark`, `idle`, `served_at`), and keeps the page that a person would want to see (`keep_page`).
    """

    def __init__(self, crawler: Crawler) -> None:
        chosen = settings()
        self.crawler = crawler
        self.stats = crawler.stats
        self.batch_size = chosen.store_batch_size
        self.batch_seconds = chosen.store_batch_seconds
        self.pages_folder = chosen.data_dir / "pages"
        self.delivery = Delivery(connect, migrate, spool())
        self.intake = Intake()
        self.crawl: CrawlStart | None = None
        self._not_kept: list[Record] = []
        self._closing = asyncio.Event()
        self._clock: asyncio.Task[None] | None = None
        self._stopping: asyncio.Future[None] | None = None

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
            process_started=process_started(os.getpid()),
        )
        self.delivery.spool.forget_abandoned()
        await asyncio.to_thread(self.delivery.begin, self.crawl)
        self._clock = asyncio.ensure_future(self._send_what_waits_long())

    async def _send_what_waits_long(self) -> None:
        """A slow crawl does not hold its offers in memory until a batch is full."""
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self.batch_seconds / 4)
            if self.intake.older_than(self.batch_seconds):
                await self._flush()

    def process_item(self, item: Item) -> Item | Awaitable[Item]:
        """Takes the item in; every STORE_BATCH_SIZE items a batch leaves, and is awaited."""
        if not self.intake.add(item):
            self.stats.inc_value("offer/seen_again")
        return item if self.intake.waiting < self.batch_size else self._flushed(item)

    async def _flushed(self, item: Item) -> Item:
        await self._flush()
        return item

    async def _flush(self, last: bool = False) -> None:
        batch = self.intake.take(self.crawl) if self.crawl else None
        if batch is not None:
            await self._deliver(batch, last)

    async def _deliver(self, record: Record, last: bool) -> None:
        """What cannot be kept is tried once more at the end; the crawl stops, since it would go on for nothing."""
        if self._not_kept and not last:
            self._not_kept.append(record)
            return
        try:
            stored = await asyncio.to_thread(self.delivery.deliver, record, last)
        except SpoolFull as error:
            self._not_kept.append(record)
            self._stop(error, error.reason)
        except Exception as error:
            log.exception("A record can be neither stored nor spooled")
            self._not_kept.append(record)
            self._stop(error, "storing_failed")
        else:
            self.stats.inc_value("store/batches" if stored else "store/spooled_batches")

    def _stop(self, error: Exception, reason: str) -> None:
        if self._stopping is None and self.crawler.engine:
            log.critical("The crawl stops, nothing more can be kept: %s", error)
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    async def close_spider(self) -> None:
        """Sends what is left. A delivery that runs is waited for: cancelled, it would lose its batch unseen."""
        self._closing.set()
        if self._clock:
            await self._clock
        left, self._not_kept = self._not_kept, []
        for record in left:
            await self._deliver(record, last=True)
        await self._flush(last=True)

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Writes how the crawl ended. The page that it could not use is kept until it is known to have finished."""
        if self.crawl is None:
            return
        told: Any = spider
        kept = told.keep_page(self.pages_folder)
        end = self._end(self.crawl, told, reason, kept.command if kept else None)
        told.state = end.state
        try:
            await asyncio.to_thread(self.delivery.deliver, end, True)
        except Exception as error:
            log.critical("How the crawl ended could not be kept: %s; %s", end.reason, error)
            told.state = "failed"
        verdict = self.delivery.verdicts.pop(self.crawl.run, None)
        told.state = verdict or told.state
        if kept and verdict == "finished":
            kept.path.unlink(missing_ok=True)
        self._tell_losses()
        self.delivery.disconnect()

    def _end(self, crawl: CrawlStart, told: Any, reason: str, kept: str | None) -> CrawlEnd:
        intake, pages = self.intake, self.stats.get_value("page/read", 0)
        state, why = judge(reason, intake.offers, pages, told.failures, told.troubles, len(intake.gone), told.idle)
        why = "; ".join(filter(None, (why, told.remark))) or None
        doubt = intake.doubt(self.stats.get_value("page/product", 0))
        if state == "finished" and doubt:
            state, why = "failed", doubt
        if self._not_kept:
            parts = (self._lost(), why) if state == "finished" else (why, self._lost())
            state, why = "failed", "; ".join(filter(None, parts))
        stats = {name: _plain(value) for name, value in self.stats.get_stats().items()}
        limit = getattr(told.arguments, "max_pages", None) or settings().crawl_max_pages
        accepted = {"layout_accepted": True} if self.crawler.settings.getbool("LAYOUT_ACCEPTED") else {}
        return CrawlEnd(
            crawl=crawl,
            state=state,
            reason=why,
            pages=pages,
            stats=stats | {"cut": told.cut, "page_limit": limit} | accepted,
            coverage=intake.coverage.fractions(),
            complete=state == "finished" and not (told.cut or told.failures or told.troubles),
            served_at=told.served_at,
            gone=intake.gone,
            kept=kept,
        )

    def _lost(self) -> str:
        lost = [record for record in self._not_kept if isinstance(record, Batch)]
        rejects = sum(len(record.rejects) for record in lost)
        beside = f" and {rejects} rejects" if rejects else ""
        return f"lost: {sum(len(record.offers) for record in lost)} offers{beside}"

    def _tell_losses(self) -> None:
        for record in self._not_kept:
            if isinstance(record, Batch):
                counts = f"{len(record.offers)} offers and {len(record.rejects)} rejects"
                log.critical("Lost: %s, which neither PostgreSQL nor the disk took", counts)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else value
