"""The scheduled crawl of a demo world without its HTTP: the real spiders ask the real sites in this process.

What a spider yields goes through the real pipelines and is stored as a crawl stores it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from psycopg2.extensions import connection as Connection  # noqa: N812
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler

from config import settings
from crawlers.spiders.jumia import JumiaSpider
from crawlers.spiders.market import MarketSpider
from crawlers.spiders.ouedkniss import OuedknissSpider
from demo.faults import Faults
from demo.market import Market
from demo.seasons import epoch_of
from demo.serve import applications
from demo.supplier import TOKEN
from pipelines import closing, store
from pipelines.intake import Intake
from pipelines.normalise import NormalisePipeline
from pipelines.quarantine import QuarantinePipeline
from pipelines.records import CrawlEnd, CrawlStart
from pipelines.scrub import ScrubPipeline
from pipelines.validate import ValidatePipeline

EVENING = timedelta(hours=18)
"""After midnight UTC: when each day's crawl comes by."""
_MARKET_TIME = "X-Market-Time"


class WorldNotRead(RuntimeError):
    """A crawl of the demo world did not go everywhere; the text says why."""


class Walk:
    """Crawls of one demo world, one for each of its evenings. `shop`: its site, with the supplier."""

    def __init__(self, folder: Path, seed: int, marketplaces: Sequence[str] = ("jumia", "ouedkniss")) -> None:
        self.market = Market(folder, seed, days=1, epoch=epoch_of(seed))
        self.shop, classifieds = applications(self.market, Faults(), TOKEN)
        chosen = settings()
        trips: list[tuple[type[MarketSpider], dict[str, str], FlaskClient]] = [
            (JumiaSpider, {"country": "dz"}, self.shop.test_client()),
            (OuedknissSpider, {"category": chosen.ouedkniss_categories}, classifieds.test_client()),
        ]
        self._trips = [trip for trip in trips if trip[0].marketplace in marketplaces]

    def evening(self, day: int) -> datetime:
        """When the crawl of the world's `day` comes by, UTC."""
        return self.market.clock.start_of(day) + EVENING

    def crawl(self, connection: Connection, day: int) -> None:
        """Both scheduled crawls of one evening, stored and committed.

        Raises:
            WorldNotRead: one of them did not finish.
        """
        self.market.clock.set(self.evening(day).isoformat())
        for spider, arguments, site in self._trips:
            with connection:
                self._crawl(connection, spider, arguments, site)

    def _crawl(
        self, connection: Connection, of: type[MarketSpider], arguments: dict[str, str], site: FlaskClient
    ) -> None:
        crawler = get_crawler(of)
        spider = of.from_crawler(crawler, **arguments)
        steps: list[Any] = [ScrubPipeline(), ValidatePipeline(), NormalisePipeline(crawler)]
        steps.append(QuarantinePipeline(crawler))
        intake, started = Intake(), self.market.clock.now()
        for item in asyncio.run(_gathered(spider, site)):
            for step in steps:
                item = step.process_item(item)
            intake.add(item)
        start = CrawlStart(
            spider=spider.name,
            marketplace=spider.marketplace,
            country=spider.country,
            markets="demo",
            arguments=spider.recorded_arguments,
            host="benchmark",
            pid=0,
            started_at=started,
        )
        batch = intake.take(start)
        if batch is None or spider.failures or spider.troubles or spider.cut:
            raise WorldNotRead(f"{spider.name}: {[*spider.failures, *spider.troubles, spider.cut]}")
        end = CrawlEnd(
            crawl=start,
            state="finished",
            reason=None,
            pages=crawler.stats.get_value("page/read"),
            stats={"layout_accepted": True},
            coverage=intake.coverage.fractions(),
            complete=True,
            served_at=spider.served_at,
            gone=intake.gone,
        )
        with connection.cursor() as cursor:
            number = store.crawl_id(cursor, start)
            store.store_batch(cursor, batch, number)
            closing.close_crawl(cursor, end, number)

    def close(self) -> None:
        """Closes the world's order book."""
        self.market.close()


async def _gathered(spider: MarketSpider, site: FlaskClient) -> list[Any]:
    """All items of a crawl; requests are asked in the order of their priorities, each address once."""
    order, asked, items = itertools.count(), set(), []
    queue: list[tuple[int, int, Request]] = []

    def ask(request: Request) -> None:
        key = (request.method, request.url, request.body)
        if key not in asked:
            asked.add(key)
            heapq.heappush(queue, (-request.priority, next(order), request))

    async for request in spider.start():
        ask(request)
    while queue:
        request = heapq.heappop(queue)[2]
        response = _answer(request, site)
        async for found in _each(request.callback(response, **request.cb_kwargs)):
            if isinstance(found, Request):
                ask(found)
            else:
                items.append(found)
    return items


async def _each(found: Iterator[Any] | AsyncIterator[Any]) -> AsyncIterator[Any]:
    if isinstance(found, AsyncIterator):
        async for one in found:
            yield one
    else:
        for one in found:
            yield one


def _answer(request: Request, site: FlaskClient) -> HtmlResponse:
    headers = [(name.decode(), values[0].decode()) for name, values in request.headers.items()]
    answer = site.open(request.url, method=request.method, data=request.body or None, headers=headers)
    request.meta["observed_at"] = datetime.fromisoformat(answer.headers[_MARKET_TIME]).astimezone(UTC)
    return HtmlResponse(
        request.url, status=answer.status_code, headers=dict(answer.headers), body=answer.data, request=request
    )
