"""What a listing's absence takes: crawls that went everywhere and finished. Stored as a crawl stores, built by dbt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from pipelines import closing, store
from pipelines.gone import Gone
from pipelines.records import CrawlEnd
from tests.analytics_sql.conftest import MODELS_ONLY, Dbt
from tests.pipelines.offers import NOON, batch, crawl, offer

DAY = timedelta(days=1)


def crawled(database_url: str, at: datetime, sees: range, state: Any = "finished", **values: Any) -> None:
    """One crawl of the shop at market time `at`, which sees the listings of these numbers."""
    arguments = values.pop("arguments", {"country": "dz"})
    of = crawl(started_at=at, arguments=arguments)
    gone = values.pop("gone", [])
    ending = {"complete": state == "finished", "stats": {"layout_accepted": True}} | values
    end = CrawlEnd(crawl=of, state=state, reason=None, pages=1, served_at=at, gone=gone, **ending)
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        number = store.crawl_id(cursor, of)
        offers = [offer(seen, observed_at=at + timedelta(minutes=seen)) for seen in sees]
        store.store_batch(cursor, batch(*offers, of=of), number)
        closing.close_crawl(cursor, end, number)
    connection.close()


def availabilities(work: Session, dbt: Dbt) -> dict[int, str]:
    """By a listing's number; dbt builds first."""
    work.rollback()
    dbt(*MODELS_ONLY, "--select", "+current_offers")
    offers = marts.current_offers.c
    rows = work.execute(sa.select(offers.external_id, offers.availability))
    return {int(name.removeprefix("SKU")): availability for name, availability in rows}


def test_only_a_second_complete_crawl_that_misses_a_listing_makes_it_absent(
    work: Session, database_url: str, dbt: Dbt
) -> None:
    crawled(database_url, NOON, range(1, 4))
    crawled(database_url, NOON + DAY, range(1, 3))
    gone = Gone(marketplace="jumia", country="dz", url=offer(2).url, reason="page/product_gone", observed_at=NOON + DAY)
    # None of these went everywhere: one failed early, one was cut, one was sent elsewhere.
    crawled(database_url, NOON + 5 * DAY, range(1, 2), state="failed", gone=[gone])
    crawled(database_url, NOON + 6 * DAY, range(1, 2), complete=False)
    crawled(database_url, NOON + 6 * DAY, range(5, 6), arguments={"country": "dz", "category": "telephones"})
    before = availabilities(work, dbt)
    assert before == {1: "in_stock", 2: "in_stock", 3: "in_stock", 5: "in_stock"}

    crawled(database_url, NOON + 7 * DAY, range(1, 3))
    assert availabilities(work, dbt) == before | {3: "unknown"}


def test_crawls_that_fail_for_weeks_make_no_offer_old_and_finished_ones_do(
    work: Session, database_url: str, dbt: Dbt
) -> None:
    crawled(database_url, NOON, range(1, 4), complete=False)
    for days in range(3, 40, 3):
        crawled(database_url, NOON + days * DAY, range(1, 2), state="failed")
    assert availabilities(work, dbt) == {1: "in_stock", 2: "in_stock", 3: "in_stock"}
    crawled(database_url, NOON + 41 * DAY, range(1, 3), complete=False)
    assert availabilities(work, dbt) == {1: "in_stock", 2: "in_stock", 3: "unknown"}


def test_what_the_market_calls_gone_is_out_of_stock_at_once(work: Session, database_url: str, dbt: Dbt) -> None:
    crawled(database_url, NOON, range(1, 3))
    word = Gone(marketplace="jumia", country="dz", url=offer(2).url, reason="page/product_gone", observed_at=NOON + DAY)
    crawled(database_url, NOON + DAY, range(1, 2), complete=False, gone=[word])
    assert availabilities(work, dbt) == {1: "in_stock", 2: "out_of_stock"}
