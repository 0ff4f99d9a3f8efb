"""The last pipeline when something goes wrong: no batch is lost unseen, and a crawl that lost one has failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest

from pipelines.outcome import Causes
from pipelines.records import Batch, Record
from pipelines.reject import Reject
from pipelines.spool import DiskFull, Spool
from pipelines.storing import StorePipeline
from tests.pipelines.offers import NOON, offer


class Stats(dict[str, Any]):
    """What Scrapy's collector offers of itself."""

    def inc_value(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1

    def get_value(self, name: str, default: Any = None) -> Any:
        return self.get(name, default)

    def get_stats(self) -> dict[str, Any]:
        return self


class Ground:
    """A pipeline whose crawler notes why it is told to stop."""

    def __init__(self, spool: Path) -> None:
        told = {"marketplace": "jumia", "country": "dz", "recorded_arguments": {}, "cut": None, "remark": None}
        self.spider = SimpleNamespace(
            name="jumia", failures=Causes(), troubles=Causes(), idle=None, served_at=NOON, state=None, **told
        )
        self.spider.arguments = SimpleNamespace(max_pages=None)
        self.spider.keep_page = lambda _: None
        self.stopped: list[str] = []

        async def stop(reason: str) -> None:
            self.stopped.append(reason)

        self.crawler: Any = SimpleNamespace(
            spider=self.spider, stats=Stats({"page/read": 3}), engine=SimpleNamespace(close_spider_async=stop)
        )
        self.crawler.settings = SimpleNamespace(getbool=lambda _: False)
        self.pipeline = StorePipeline(self.crawler)
        self.pipeline.delivery.spool = Spool(spool, 10**7)

    def failing(self, error: Exception, when: Callable[[Record], bool], seconds: float = 0.0) -> None:
        """Delivers what it should, but raises for some records, after a while."""
        deliver = self.pipeline.delivery.deliver

        def instead(record: Record, last: bool = False) -> bool:
            if when(record):
                time.sleep(seconds)
                raise error
            return deliver(record, last)

        self.pipeline.delivery.deliver = instead  # type: ignore[method-assign]

    async def end(self) -> None:
        await self.pipeline.close_spider()
        await self.pipeline.spider_closed(self.spider, self.stopped[0] if self.stopped else "finished")


@pytest.fixture
def ground(database_url: str, tmp_path: Path) -> Ground:
    return Ground(tmp_path / "spool")


@pytest.fixture
def rows(database_url: str) -> Callable[[str], list[tuple[Any, ...]]]:
    def read(query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(database_url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()

    return read


CRAWL = "select state, complete, reason from market.crawl"
NAMES = "select external_id from market.listing order by 1"


def has(external_id: str) -> Callable[[Record], bool]:
    return lambda record: isinstance(record, Batch) and external_id in {one.external_id for one in record.offers}


def test_an_odd_item_in_a_batch_costs_the_others_nothing(ground: Ground, rows: Any) -> None:
    async def crawl() -> None:
        await ground.pipeline.open_spider()
        for number in range(1, 4):
            ground.pipeline.process_item(offer(number))
        ground.pipeline.process_item(Reject(url="u", reason="offer/views/too_large", raw={"views": 10**30}))
        await ground.end()

    asyncio.run(crawl())
    assert rows(NAMES) == [("SKU00001",), ("SKU00002",), ("SKU00003",)]
    assert rows("select state, offers, rejects from market.crawl") == [("finished", 3, 1)]


def test_a_batch_that_can_be_neither_stored_nor_spooled_stops_its_crawl_which_has_failed(
    ground: Ground, rows: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ground.failing(RuntimeError("nobody thought of it"), has("SKU00001"))

    async def crawl() -> None:
        await ground.pipeline.open_spider()
        ground.pipeline.batch_size = 2
        for number in range(1, 5):
            answer = ground.pipeline.process_item(offer(number))
            if asyncio.iscoroutine(answer):
                await answer
        await asyncio.sleep(0)
        await ground.end()

    asyncio.run(crawl())
    assert ground.stopped == ["storing_failed"]
    assert "nobody thought of it" in caplog.text
    assert "Lost: 2 offers and 0 rejects" in caplog.text
    assert rows(NAMES) == [("SKU00003",), ("SKU00004",)]
    assert rows(CRAWL) == [("failed", False, "stopped early: storing_failed; lost: 2 offers")]
    assert ground.spider.state == "failed"


def test_a_crawl_that_lost_its_last_batch_has_failed(ground: Ground, rows: Any) -> None:
    ground.failing(DiskFull("no space"), lambda record: isinstance(record, Batch))

    async def crawl() -> None:
        await ground.pipeline.open_spider()
        ground.pipeline.process_item(offer(1))
        ground.pipeline.process_item(Reject(url=None, reason="page/odd", raw={}))
        ground.crawler.engine = None
        await ground.end()

    asyncio.run(crawl())
    assert rows(CRAWL) == [("failed", False, "lost: 1 offers and 1 rejects")]
    assert ground.spider.state == "failed"


def test_a_crawl_whose_end_cannot_be_kept_has_failed(ground: Ground, rows: Any) -> None:
    ground.failing(RuntimeError("no"), lambda record: not isinstance(record, Batch))

    async def crawl() -> None:
        await ground.pipeline.open_spider()
        ground.pipeline.process_item(offer(1))
        await ground.end()

    asyncio.run(crawl())
    assert ground.spider.state == "failed"
    assert rows(CRAWL) == [("running", False, None)]


def test_a_delivery_by_the_clock_that_fails_while_the_crawl_closes_is_not_lost_unseen(
    ground: Ground, rows: Any
) -> None:
    once = iter([True])
    ground.failing(DiskFull("full"), lambda record: next(once, False), seconds=0.5)

    async def crawl() -> None:
        ground.pipeline.batch_seconds = 0.1
        await ground.pipeline.open_spider()
        ground.pipeline.process_item(offer(1))
        await asyncio.sleep(0.3)  # the clock delivers now
        ground.pipeline.process_item(offer(2))
        await ground.end()

    asyncio.run(crawl())
    assert rows(NAMES) == [("SKU00001",), ("SKU00002",)]


def test_the_clock_sends_rejects_alone_too_and_ends_with_the_crawl(ground: Ground, rows: Any) -> None:
    async def crawl() -> None:
        ground.pipeline.batch_seconds = 0.1
        await ground.pipeline.open_spider()
        ground.pipeline.process_item(Reject(url=None, reason="page/odd", raw={}))
        await asyncio.sleep(0.5)
        assert ground.pipeline.intake.waiting == 0
        assert ground.pipeline._clock is not None
        assert not ground.pipeline._clock.done()
        await ground.end()
        assert ground.pipeline._clock.done()

    asyncio.run(crawl())
    assert rows("select reason from market.rejected_item") == [("page/odd",)]
