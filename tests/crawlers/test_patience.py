from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request, Spider, signals
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler
from sqlalchemy.orm import Session

from crawlers.patience import PatienceMiddleware, seconds_asked
from tests.crawlers.conftest import HTML, Answer, Crawl, Shop
from tests.crawlers.test_bad_crawls import listing, product

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Fri, 01 May 2026 12:01:30 GMT", 90),
        ("Fri, 01 May 2026 11:00:00 GMT", 0),
        ("Fri, 01 May 2026 14:00:30 +0200", 30),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣٠", None),
    ],
)
def test_both_spellings_of_retry_after_are_read(header: str, seconds: float | None) -> None:
    assert seconds_asked(header, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_the_reading(header: str) -> None:
    asked = seconds_asked(header, NOW)
    assert asked is None or asked >= 0


def menu(shop: Shop, *names: str) -> None:
    links = "".join(f'<a class="itm" href="/{name}/"></a>' for name in names)
    shop["/"] = f'<!doctype html><html><body><div class="flyout">{links}</div></body></html>'


def busy(seconds: object, status: int = 429) -> Answer:
    return Answer(b"slow down", status, {**HTML, "Retry-After": str(seconds)})


@pytest.mark.parametrize("spelling", ["seconds", "date"])
def test_nothing_is_asked_of_a_shop_before_the_time_that_it_asked_for(
    shop: Shop, crawl: Crawl, work: Session, spelling: str
) -> None:
    menu(shop, *[f"c{number}" for number in range(12)])
    for number in range(12):
        shop[f"/c{number}/"] = listing(product(number))
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    asked: list[tuple[float, str]] = []

    def note(path: str) -> None:
        nonlocal until
        asked.append((time.monotonic(), path))
        if path == "/c0/" and spelling == "date" and len(asked) < 20:
            until = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
            shop.answers[path] = [busy(until), Answer(listing(product(0)).encode())]
            shop.before_answer = lambda path: asked.append((time.monotonic(), path))

    shop["/c0/"] = [busy(3), Answer(listing(product(0)).encode())]
    shop.before_answer = note
    assert crawl("jumia", max_pages=20).returncode == 0
    refused = next(at for at, path in asked if path == "/c0/")
    # Requests that were under way when the shop refused are none that we chose to send after it.
    later = [at - refused for at, _ in asked if at - refused > 0.5]
    assert later
    assert min(later) >= (2.9 if spelling == "seconds" else 1.9)  # a date has whole seconds
    assert len([path for _, path in asked if path == "/c0/"]) == 2
    work.rollback()
    assert work.execute(sa.text("select count(*) from market.listing")).scalar() == 12


@pytest.mark.parametrize("answer", [busy(3600), busy(3600, 503)], ids=["429", "503"])
def test_a_shop_that_asks_for_an_hour_is_left_alone_and_the_crawl_says_so(
    shop: Shop, crawl: Crawl, work: Session, answer: Answer
) -> None:
    shop["/a/"] = answer
    begun = time.monotonic()
    assert crawl("jumia", category="a").returncode == 1
    assert time.monotonic() - begun < 30
    assert shop.asked == ["/robots.txt", "/a/"]
    state, reason = work.execute(sa.text("select state, reason from market.crawl")).one()
    assert state == "failed"
    assert reason.startswith("stopped early: page/asked_to_wait: the shop answered")
    assert "asks to wait 3600 s; 600 s is the most" in reason


def test_a_fast_answer_to_a_request_under_way_does_not_shorten_the_wait() -> None:
    """AutoThrottle lowers the slot's delay at such an answer, and the delay is part of when the next request leaves."""
    throttled = {"AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 20.0}
    crawler = get_crawler(settings_dict=throttled | {"EXTENSIONS": {"scrapy.extensions.logstats.LogStats": None}})
    slot = Slot(concurrency=2, delay=20.0, jitter=0.0)
    crawler.engine = SimpleNamespace(downloader=SimpleNamespace(slots={"shop": slot}))
    crawler.stats = MemoryStatsCollector(crawler)
    crawler.spider = Spider("shop")
    patience = PatienceMiddleware.from_crawler(crawler)
    crawler.signals.send_catch_log(signals.spider_opened, spider=crawler.spider)

    def answered(status: int, headers: dict[str, str] | None = None) -> None:
        request = Request("https://shop/", meta={"download_slot": "shop", "download_latency": 0.3})
        response = Response("https://shop/", status=status, headers=headers, request=request)
        crawler.signals.send_catch_log(
            signals.response_downloaded, response=response, request=request, spider=crawler.spider
        )
        patience.process_response(request, response)

    def next_leaves_in() -> float:
        return float(slot.lastseen + slot.download_delay() - time.monotonic())

    answered(429, {"Retry-After": "60"})
    assert next_leaves_in() == pytest.approx(60, abs=1)
    for _ in range(5):
        answered(200)
        assert next_leaves_in() == pytest.approx(60, abs=1)
    assert slot.delay < 1
    answered(429, {"Retry-After": "5"})
    assert next_leaves_in() == pytest.approx(60, abs=1)
