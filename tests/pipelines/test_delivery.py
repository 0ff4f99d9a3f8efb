"""Postgres away is not data lost: batches wait on disk and are stored later, exactly once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from pipelines import records
from pipelines.delivery import Delivery
from pipelines.gone import Gone
from pipelines.records import CrawlEnd
from pipelines.reject import Reject
from pipelines.spool import Spool, SpoolFull
from tests.pipelines.offers import NOON, batch, crawl, offer

HOUR = timedelta(hours=1)


class Database:
    """A way to the database that can be taken away, and can break after the commit was sent."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.away = False

    def connect(self) -> Any:
        if self.away:
            raise psycopg2.OperationalError("connection refused")
        return psycopg2.connect(self.address, options="-c timezone=UTC")


@pytest.fixture
def reach(database_url: str) -> Database:
    return Database(database_url)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 10_000_000, again_seconds=0.0)


@pytest.fixture
def delivery(reach: Database, spool: Spool) -> Delivery:
    made = Delivery(reach.connect, lambda: None, spool)
    made._not_before = -1.0
    return made


@pytest.fixture
def rows(database_url: str) -> Callable[[str], list[tuple[Any, ...]]]:
    def read(query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(database_url, options="-c timezone=UTC")
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()

    return read


def lose(delivery: Delivery, reach: Database) -> None:
    reach.away = True
    delivery.disconnect()


def test_a_record_survives_the_spool_unchanged() -> None:
    sent = batch(
        offer(old_price=Decimal("1500.50"), attributes={"a": "ب"}, category_path=["x"], sponsored=None),
        rejects=[Reject(url="u", reason="offer/price/negative", raw={"price": Decimal("-5.00")})],
    )
    read = records.from_bytes(records.to_bytes(sent))
    assert isinstance(read, records.Batch)
    assert read.offers == sent.offers
    assert (read.id, read.crawl) == (sent.id, sent.crawl)
    assert read.rejects[0].raw == {"price": "-5.00"}
    end = CrawlEnd(crawl=crawl(), state="failed", reason="why", pages=3, stats={"a": 1})
    assert records.from_bytes(records.to_bytes(end)) == end
    gone = Gone(marketplace="jumia", country="dz", url="https://x", reason="page/product_gone", observed_at=NOON)
    whole = replace(end, gone=[gone], state="finished", coverage={"brand": 0.75}, complete=True, served_at=NOON)
    assert records.from_bytes(records.to_bytes(whole)) == whole


def test_a_record_that_an_earlier_release_spooled_is_read() -> None:
    sent, end = batch(offer()), CrawlEnd(crawl=crawl(), state="finished", reason=None, pages=3, stats={"a": 1})
    for record, added in ((sent, ()), (end, ("coverage", "complete", "served_at"))):
        document = json.loads(records.to_bytes(record))
        for name in added:
            del document["record"][name]
        del document["record"]["crawl"]["process_started"]
        document["record"]["gone"] = []
        assert records.from_bytes(json.dumps(document).encode()) == record


def test_while_the_database_is_away_batches_wait_and_are_stored_once_it_is_back(
    delivery: Delivery, reach: Database, spool: Spool, rows: Any
) -> None:
    of = crawl()
    delivery.begin(of)
    assert delivery.deliver(batch(offer(1), of=of))
    lose(delivery, reach)
    assert not delivery.deliver(batch(offer(2), of=of))
    assert not delivery.deliver(batch(offer(3), of=of), last=True)
    assert len(spool.pending()) == 2
    reach.away = False
    assert delivery.deliver(batch(offer(4), of=of), last=True)
    assert spool.pending() == []
    assert rows("select external_id from market.listing order by 1") == [(f"SKU{n:05}",) for n in range(1, 5)]
    assert rows("select offers, observations from market.crawl") == [(4, 4)]


def test_after_a_failure_the_database_is_left_alone_for_a_while(
    delivery: Delivery, reach: Database, spool: Spool
) -> None:
    of = crawl()
    lose(delivery, reach)
    assert not delivery.deliver(batch(offer(1), of=of), last=True)
    reach.away = False
    assert not delivery.deliver(batch(offer(2), of=of))
    assert delivery.deliver(batch(offer(3), of=of), last=True)
    assert spool.pending() == []


def test_a_crawl_that_never_met_the_database_is_written_by_the_next_one(
    delivery: Delivery, reach: Database, rows: Any
) -> None:
    of = crawl(spider="ouedkniss")
    reach.away = True
    delivery.begin(of)
    delivery.deliver(batch(offer(1), of=of, rejects=[Reject(url=None, reason="page/truncated: x", raw={})]), last=True)
    delivery.deliver(CrawlEnd(crawl=of, state="finished", reason=None, pages=1, stats={}), last=True)
    reach.away = False
    following = crawl()
    delivery.begin(following)
    assert rows("select spider, state, offers, rejects, started_at from market.crawl order by id") == [
        ("ouedkniss", "finished", 1, 1, of.started_at),
        ("jumia", "running", 0, 0, following.started_at),
    ]
    assert rows("select reason from market.rejected_item") == [("page/truncated: x",)]


def test_a_batch_that_was_stored_just_before_the_connection_broke_is_not_stored_again(
    delivery: Delivery, spool: Spool, rows: Any
) -> None:
    of = crawl()
    sent = batch(offer(1), of=of)
    delivery.deliver(sent)
    spool.add(sent)
    delivery.deliver(batch(offer(2), of=of))
    assert rows("select offers, observations from market.crawl") == [(2, 2)]
    assert spool.pending() == []


def test_spooled_batches_are_stored_oldest_first_so_that_the_log_is_what_it_would_have_been(
    delivery: Delivery, reach: Database, rows: Any
) -> None:
    of = crawl()
    prices = [100, 95, 95, 90, 100]
    delivery.deliver(batch(offer(1, price=Decimal(prices[0])), of=of))
    lose(delivery, reach)
    for hour, price in enumerate(prices[1:4], 1):
        delivery.deliver(batch(offer(1, price=Decimal(price), observed_at=NOON + hour * HOUR), of=of), last=True)
    reach.away = False
    delivery.deliver(batch(offer(1, price=Decimal(prices[4]), observed_at=NOON + 4 * HOUR), of=of), last=True)
    assert [price for (price,) in rows("select price from market.observation order by observed_at")] == [
        100,
        95,
        90,
        100,
    ]


def test_a_full_spool_says_so_and_keeps_the_last_batch(tmp_path: Path, reach: Database) -> None:
    small = Spool(tmp_path / "small", 3000)
    delivery = Delivery(reach.connect, lambda: None, small)
    reach.away = True
    of = crawl()
    delivery.deliver(batch(offer(1), of=of))
    with pytest.raises(SpoolFull, match="SPOOL_MAX_MB"):
        delivery.deliver(batch(*[offer(number) for number in range(2, 9)], of=of))
    kept = len(small.pending())
    assert kept == 1
    delivery.deliver(batch(offer(99), of=of), last=True)
    assert len(small.pending()) == kept + 1


def test_a_damaged_record_is_set_aside_and_does_not_stop_the_others(
    delivery: Delivery, spool: Spool, rows: Any
) -> None:
    of = crawl()
    damaged = spool.add(batch(offer(1), of=of))
    damaged.write_bytes(damaged.read_bytes()[:100])
    spool.add(batch(offer(2), of=of))
    assert delivery.deliver(batch(offer(3), of=of))
    assert rows("select external_id from market.listing order by 1") == [("SKU00002",), ("SKU00003",)]
    assert damaged.with_suffix(".damaged").exists()


def test_a_half_written_record_is_no_record(spool: Spool) -> None:
    path = spool.add(batch(offer(1)))
    path.with_suffix(".partial").write_bytes(b'{"kind"')
    assert spool.pending() == [path]
    assert json.loads(path.read_bytes())["kind"] == "batch"


def test_a_database_without_tables_gets_them(postgres: str, spool: Spool) -> None:
    import uuid

    import sqlalchemy as sa

    from database import migrate

    name = f"test_bare_{uuid.uuid4().hex[:8]}"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
        address = sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)
        delivery = Delivery(lambda: psycopg2.connect(address), lambda: migrate.upgrade(address), spool)
        delivery.begin(crawl())
        assert delivery.deliver(batch(offer()))
        delivery.disconnect()
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


def test_a_database_that_refuses_what_it_used_to_take_loses_nothing(
    delivery: Delivery, spool: Spool, database_url: str, rows: Any
) -> None:
    of = crawl()
    delivery.begin(of)

    def rename(before: str, after: str) -> None:
        connection = psycopg2.connect(database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"alter table market.{before} rename to {after}")
        connection.close()

    rename("observation", "elsewhere")
    assert not delivery.deliver(batch(offer(1), of=of), last=True)
    assert not delivery.deliver(batch(offer(2), of=of), last=True)
    assert len(spool.pending()) == 2
    rename("elsewhere", "observation")
    assert delivery.deliver(batch(offer(3), of=of), last=True)
    assert spool.pending() == []
    assert rows("select offers, observations from market.crawl") == [(3, 3)]
