"""Postgres away is not data lost: batches wait on disk and are stored later, exactly once."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa

from database import migrate
from pipelines import records, store
from pipelines.delivery import Delivery, is_away
from pipelines.gone import Gone
from pipelines.records import Batch, CrawlEnd, CrawlStart
from pipelines.reject import Reject
from pipelines.spool import Spool, SpoolFull, refusals
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


@pytest.fixture
def bare(postgres: str) -> Iterator[str]:
    """A database without tables."""
    name = f"test_bare_{uuid.uuid4().hex[:8]}"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
        yield sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


@pytest.mark.xdist_group("migrations")  # they alter a role, which two databases of a cluster cannot at once
@pytest.mark.parametrize("before", [None, "0001", "0002"])
def test_a_database_without_tables_or_with_those_of_an_earlier_release_gets_them(
    bare: str, spool: Spool, before: str | None
) -> None:
    if before:
        migrate.upgrade(bare, before)
    delivery = Delivery(lambda: psycopg2.connect(bare), lambda: migrate.upgrade(bare), spool)
    delivery.begin(crawl())
    assert delivery.deliver(batch(offer()))
    assert spool.pending() == []
    delivery.disconnect()


def test_a_batch_waits_while_the_tables_cannot_be_made(bare: str, spool: Spool) -> None:
    def locked() -> None:
        raise RuntimeError("another process holds the lock")

    delivery = Delivery(lambda: psycopg2.connect(bare), locked, spool)
    delivery.begin(crawl())
    assert not delivery.deliver(batch(offer()), last=True)
    assert [refusals(path) for path in spool.pending()] == [0]
    delivery._migrate = lambda: migrate.upgrade(bare)
    assert delivery.deliver(batch(offer(2)), last=True)
    assert spool.pending() == []
    delivery.disconnect()


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


def poison(of: CrawlStart | None = None) -> Batch:
    """What PostgreSQL refuses whole: its id is none."""
    return batch(offer(66), rejects=[Reject(url="u", reason="page/odd", raw={})], of=of, id="not-a-uuid")


def ended(of: CrawlStart, **values: Any) -> CrawlEnd:
    plain = {"state": "finished", "reason": None, "pages": 1, "stats": {}, "complete": True}
    return CrawlEnd(crawl=of, **plain | values)


def test_a_record_that_is_refused_three_times_is_set_aside_with_a_word_in_its_crawl(
    delivery: Delivery, spool: Spool, rows: Any
) -> None:
    of = crawl()
    assert not delivery.deliver(poison(of))
    waiting = []
    for number in range(1, 4):
        waiting += [path.name.partition(".")[2] for path in spool.pending()]
        assert delivery.deliver(batch(offer(number)))
    assert waiting == ["1.json", "2.json"]
    (aside,) = spool.set_aside()
    refused = rows(
        "select i.reason, raw from market.rejected_item as i join market.crawl on crawl.id = crawl_id where rejects = 1"
    )
    assert len(refused) == 1
    assert refused[0][0].startswith("batch/refused: invalid input syntax for type uuid")
    assert refused[0][1] == {"file": aside.name, "what": "1 offers and 1 rejects"}
    restored = aside.rename(aside.with_suffix(".json"))
    restored.write_bytes(restored.read_bytes().replace(b"not-a-uuid", str(uuid.uuid4()).encode()))
    assert delivery.deliver(batch(offer(4)))
    assert (spool.pending(), rows("select offers from market.crawl order by id limit 1")) == ([], [(1,)])


def test_a_refused_record_is_tried_again_only_after_a_while(delivery: Delivery, spool: Spool) -> None:
    spool.again_seconds = 3600.0
    delivery.deliver(poison())
    (path,) = spool.pending()
    for number in range(3):
        assert delivery.deliver(batch(offer(number)), last=True)
    assert (spool.pending(), spool.due()) == ([path], [])
    os.utime(path, (time.time() - 3601,) * 2)
    delivery.deliver(batch(offer(9)))
    assert [refusals(path) for path in spool.pending()] == [2]
    assert spool.due() == []


@pytest.mark.parametrize("together", [True, False])
def test_a_crawl_is_not_complete_while_one_of_its_batches_is_refused(
    delivery: Delivery, reach: Database, spool: Spool, rows: Any, together: bool
) -> None:
    of = crawl()
    if together:
        delivery.deliver(poison(of))
    else:
        lose(delivery, reach)
        delivery.deliver(poison(of), last=True)
        delivery.deliver(ended(of), last=True)
        reach.away = False
    spool.again_seconds = 3600.0
    assert delivery.deliver(ended(of), last=True)
    assert rows("select state, complete, reason from market.crawl") == [
        ("finished", False, "PostgreSQL refuses 1 of its batches")
    ]


def test_a_record_that_is_set_aside_after_its_crawl_was_closed_is_told_too(
    delivery: Delivery, spool: Spool, rows: Any
) -> None:
    of = crawl()
    assert delivery.deliver(ended(of), last=True)
    assert rows("select complete from market.crawl") == [(True,)]
    delivery.deliver(poison(of), last=True)
    assert rows("select complete, left(reason, 48) from market.crawl") == [
        (False, "1 offers and 1 rejects refused by PostgreSQL: in")
    ]
    delivery.begin(crawl())
    delivery.begin(crawl())
    ((reason,),) = rows("select reason from market.crawl order by id limit 1")
    assert f"1 offers and 1 rejects set aside in {spool.set_aside()[0].name}: invalid input" in reason


def test_a_crawl_whose_refused_batch_is_taken_before_its_end_is_complete(
    delivery: Delivery, database_url: str, spool: Spool, rows: Any
) -> None:
    of = crawl()
    delivery.deliver(batch(offer(1), of=of))
    statement(database_url, "alter table market.stored_batch rename to elsewhere")
    assert not delivery.deliver(batch(offer(2), of=of))
    statement(database_url, "alter table market.elsewhere rename to stored_batch")
    assert delivery.deliver(ended(of), last=True)
    assert rows("select state, complete, reason, offers from market.crawl") == [("finished", True, None, 2)]


def statement(address: str, text: str) -> None:
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute(text)
    connection.close()


def test_a_statement_that_takes_too_long_holds_up_nobody_else(
    delivery: Delivery, spool: Spool, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, store_batch = batch(offer(1)), store.store_batch

    def stored(cursor: Any, sent: Batch, by: int) -> store.Stored:
        if sent.id == slow.id:
            cursor.execute("set local statement_timeout = '20ms'; select pg_sleep(5)")
        return store_batch(cursor, sent, by)

    monkeypatch.setattr(store, "store_batch", stored)
    spool.add(slow)
    assert delivery.deliver(batch(offer(2)))
    assert [refusals(path) for path in spool.pending()] == [1]
    assert rows("select external_id from market.listing") == [("SKU00002",)]


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (psycopg2.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg2.InterfaceError("connection already closed"), True),
        (psycopg2.DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq"), True),
        (psycopg2.errors.lookup("57P01"), True),
        (psycopg2.errors.lookup("53100"), True),
        (psycopg2.errors.lookup("40P01"), True),
        (psycopg2.errors.lookup("08006"), True),
        (psycopg2.errors.lookup("55P03"), True),
        (psycopg2.errors.lookup("57014"), False),
        (psycopg2.errors.lookup("54000"), False),
        (psycopg2.errors.lookup("22003"), False),
        (psycopg2.errors.lookup("42P01"), False),
        (psycopg2.errors.lookup("XX000"), False),
        (ValueError("x"), False),
    ],
)
def test_only_a_server_that_does_not_answer_or_gives_up_for_a_reason_of_its_own_is_away(
    error: Any, away: bool, database_url: str
) -> None:
    assert is_away(raised(database_url, error) if isinstance(error, type) else error) is away


def raised(address: str, kind: type[Exception]) -> Exception:
    """An error as the server sends it."""
    code = next(code for code, found in errors_by_code() if found is kind)
    try:
        statement(address, f"do $$ begin raise exception 'x' using errcode = '{code}'; end $$")
    except kind as error:
        return error
    raise AssertionError


def errors_by_code() -> Iterator[tuple[str, type[Exception]]]:
    for code in ("57P01", "53100", "40P01", "08006", "55P03", "57014", "54000", "22003", "42P01", "XX000"):
        yield code, psycopg2.errors.lookup(code)


def test_a_refusal_keeps_the_connection_and_is_no_reason_to_wait(delivery: Delivery) -> None:
    of = crawl()
    delivery.deliver(batch(offer(1), of=of))
    before = delivery._connection
    assert not delivery.deliver(poison(of))
    assert delivery.deliver(batch(offer(2), of=of))
    assert delivery._connection is before


@pytest.mark.parametrize(
    "damage", [(b'"1250.00"', b'"1O0.00"'), (b'"crawl":{', b'"crawl":[{'), (b'{"kind"', b'[{"kind"')]
)
def test_a_record_of_sound_json_that_says_nonsense_stops_no_crawl(
    delivery: Delivery, spool: Spool, rows: Any, damage: tuple[bytes, bytes]
) -> None:
    path = spool.add(batch(offer(1)))
    path.write_bytes(path.read_bytes().replace(*damage))
    delivery.begin(crawl())
    assert path.with_suffix(".damaged").exists()
    assert rows("select state from market.crawl") == [("running",)]


def test_an_interrupted_crawl_is_marked_even_if_the_database_was_away_when_the_next_one_began(
    delivery: Delivery, reach: Database, rows: Any
) -> None:
    delivery.begin(crawl(pid=2**22 + 1))
    lose(delivery, reach)
    of = crawl(pid=os.getpid())
    delivery.begin(of)
    reach.away = False
    assert delivery.deliver(batch(offer(1), of=of), last=True)
    assert rows("select state from market.crawl order by started_at") == [("failed",), ("running",)]
