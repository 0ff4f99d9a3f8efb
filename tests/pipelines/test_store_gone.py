"""What is said to be gone becomes an observation without a price; nobody has seen its listing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from pipelines import store
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.store_sql import TAKE_TURN
from tests.pipelines.offers import NOON, batch, crawl, offer

HOUR = timedelta(hours=1)
SOLD_OUT = (None, "none", "out_of_stock", 0)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    made = psycopg2.connect(database_url, options="-c timezone=UTC")
    yield made
    made.close()


def gone(number: int = 1, hours: float = 1, **values: Any) -> Gone:
    of = offer(number)
    defaults = {"marketplace": "jumia", "country": "dz", "external_id": of.external_id, "url": of.url}
    return Gone(**defaults | {"reason": "page/product_gone", "observed_at": NOON + hours * HOUR} | values)


def send(connection: Connection, *items: Offer | Gone, **values: Any) -> store.Stored:
    offers, words = [[item for item in items if isinstance(item, kind)] for kind in (Offer, Gone)]
    sent = batch(*offers, **values)
    with connection, connection.cursor() as cursor:
        by = store.crawl_id(cursor, sent.crawl)
        if words:
            return store.store_gone(cursor, str(uuid.uuid4()), words, by)
        return store.store_batch(cursor, sent, by)


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def said(connection: Connection) -> list[tuple[Any, ...]]:
    columns = "price, price_kind, availability, stock_left"
    return rows(connection, f"select {columns} from market.observation order by observed_at, id")


IN_STOCK = (Decimal("1250.00"), "fixed", "in_stock", None)


@pytest.mark.parametrize(
    "found_by", [{}, {"external_id": None}, {"url": "https://elsewhere"}, {"external_id": "other"}]
)
def test_a_known_listing_that_is_gone_is_observed_without_a_price(
    connection: Connection, found_by: dict[str, Any]
) -> None:
    send(connection, offer())
    assert send(connection, gone(**found_by)) == store.Stored(observations=1)
    assert said(connection) == [IN_STOCK, SOLD_OUT]


def test_the_word_does_not_count_as_a_sighting_of_the_listing(connection: Connection) -> None:
    send(connection, offer())
    before = rows(connection, "select * from market.listing")
    send(connection, gone())
    assert rows(connection, "select * from market.listing") == before
    assert rows(connection, "select offers, observations from market.crawl order by id") == [(1, 1), (0, 1)]


def test_a_listing_that_nobody_knows_is_counted_and_not_stored(connection: Connection) -> None:
    of = crawl()
    send(connection, offer(), of=of)
    elsewhere = {"country": "ma"}
    assert send(connection, gone(2), gone(**elsewhere), of=of) == store.Stored(gone_unknown=2)
    send(connection, gone(3), gone(1), of=of)
    assert rows(connection, "select stats ->> 'gone/unknown', offers, observations from market.crawl") == [("3", 1, 2)]
    assert rows(connection, "select count(*) from market.listing") == [(1,)]


def test_gone_again_is_stored_as_a_heartbeat_after_more_than_24_hours_only(connection: Connection) -> None:
    send(connection, offer())
    stored = [send(connection, gone(hours=hours)).observations for hours in (1, 2, 25, 25.001)]
    assert stored == [1, 0, 0, 1]


def test_an_id_goes_before_an_address_that_has_passed_to_another_listing(connection: Connection) -> None:
    send(connection, offer(1), offer(2))
    send(connection, gone(1, url=offer(2).url))
    owner = "select external_id from market.listing as l join market.observation as o on o.listing_id = l.id"
    assert rows(connection, f"{owner} where o.availability = 'out_of_stock'") == [("SKU00001",)]


def test_a_listing_that_comes_back_is_observed_again(connection: Connection) -> None:
    send(connection, offer())
    send(connection, gone())
    assert send(connection, offer(observed_at=NOON + 2 * HOUR)).observations == 1
    assert said(connection) == [IN_STOCK, SOLD_OUT, IN_STOCK]


def test_of_two_words_of_one_listing_the_first_is_stored(connection: Connection) -> None:
    send(connection, offer())
    assert send(connection, gone(hours=2), gone(hours=1, external_id=None)) == store.Stored(observations=1)
    assert rows(connection, "select max(observed_at) from market.observation") == [(NOON + HOUR,)]


def test_a_word_that_arrives_late_is_compared_with_its_predecessor(connection: Connection) -> None:
    send(connection, offer())
    send(connection, gone(hours=1))
    send(connection, offer(observed_at=NOON + 4 * HOUR))
    assert send(connection, gone(hours=2)).observations == 0
    assert send(connection, gone(hours=5)).observations == 1


def test_the_listing_keeps_the_crawl_that_saw_it_last(connection: Connection) -> None:
    first, second = crawl(), crawl()
    send(connection, offer(1), offer(2), of=first)
    send(connection, offer(1, observed_at=NOON + 2 * HOUR), of=second)
    send(connection, offer(1, observed_at=NOON + HOUR), of=first)
    query = "select external_id, stats ->> 'run' from market.listing join market.crawl on crawl.id = last_crawl_id"
    assert rows(connection, f"{query} order by 1") == [("SKU00001", second.run), ("SKU00002", first.run)]


def test_a_word_older_than_the_last_sighting_does_not_speak_for_it(connection: Connection) -> None:
    send(connection, offer())
    send(connection, offer(observed_at=NOON + 2 * HOUR))
    assert send(connection, gone(hours=1)).observations == 2
    assert said(connection) == [IN_STOCK, SOLD_OUT, IN_STOCK]
    send(connection, offer(observed_at=NOON + 4 * HOUR))
    assert send(connection, gone(hours=2)).observations == 0  # of the same moment as a row: what was there stays


def test_words_take_their_turn_with_batches(connection: Connection, database_url: str) -> None:
    send(connection, offer())
    other = psycopg2.connect(database_url)
    with other.cursor() as cursor:
        cursor.execute(TAKE_TURN)
        with connection, connection.cursor() as waiting:
            waiting.execute("set lock_timeout = '100ms'")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            send(connection, gone())
    other.close()


def test_words_sent_twice_are_stored_once(connection: Connection) -> None:
    of, claim, results = crawl(), str(uuid.uuid4()), []
    for _ in range(2):
        with connection, connection.cursor() as cursor:
            results.append(store.store_gone(cursor, claim, [gone(7)], store.crawl_id(cursor, of)))
    assert results == [store.Stored(gone_unknown=1), store.Stored()]
    assert rows(connection, "select stats ->> 'gone/unknown' from market.crawl") == [("1",)]


def test_a_word_finds_its_listing_by_an_odd_id_too(connection: Connection) -> None:
    send(connection, offer(external_id="A\0B\ud800"))
    assert send(connection, gone(external_id="A\0B\ud800", url="https://elsewhere")).observations == 1


def test_words_that_only_the_address_finds_are_found_in_one_look_at_the_listings(connection: Connection) -> None:
    send(connection, *[offer(number) for number in range(1, 6001)])
    with connection, connection.cursor() as cursor:
        cursor.execute("analyze market.listing")
        cursor.execute("set local statement_timeout = '3s'")
        by = store.crawl_id(cursor, crawl())
        words = [gone(number, external_id=None) for number in range(1, 6001)]
        assert store.store_gone(cursor, str(uuid.uuid4()), words, by).observations == 6000
