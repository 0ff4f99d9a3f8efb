"""The rule of the log, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from pipelines import store
from pipelines.offer import Offer
from pipelines.reject import Reject
from tests.pipelines.offers import NOON, batch, crawl, offer

HOUR = timedelta(hours=1)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    made = psycopg2.connect(database_url, options="-c timezone=UTC")
    yield made
    made.close()


def send(connection: Connection, *offers: Offer, **values: Any) -> store.Stored:
    sent = batch(*offers, **values)
    with connection, connection.cursor() as cursor:
        return store.store_batch(cursor, sent, store.crawl_id(cursor, sent.crawl))


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def observed(connection: Connection) -> list[tuple[Any, ...]]:
    return rows(connection, "select observed_at, price, position from market.observation order by observed_at, id")


def test_a_first_sighting_makes_a_listing_and_an_observation(connection: Connection) -> None:
    full = offer(
        title='Tab\there, "quotes", back\\slash\nand a new line',
        brand="L'Oréal",
        category_path=['Maison "&" Cuisine', "A, B {C}", "back\\slash"],
        old_price=Decimal("1500.50"),
        stock_left=5,
        seller_name="Boutique شركة",
        seller_kind="official",
        shipped_from_abroad=False,
        express=True,
        views=7,
        likes=3,
        sponsored=False,
        image_urls=["https://x/a(b),c.jpg"],
        attributes={"Poids": '1 "kg"\t\\', "شكل": "x"},
    )
    assert send(connection, full) == store.Stored(offers=1, observations=1)
    (listing,) = rows(
        connection,
        "select marketplace, country, external_id, url, title, brand, category_path, seller_name, seller_kind, "
        "shipped_from_abroad, express, image_urls, attributes, first_seen_at, last_seen_at from market.listing",
    )
    assert listing == (
        *("jumia", "dz", "SKU00001", full.url, full.title, full.brand, full.category_path, full.seller_name),
        *("official", False, True, full.image_urls, full.attributes, NOON, NOON),
    )
    (observation,) = rows(
        connection,
        "select observed_at, price, currency, old_price, price_kind, rating, rating_count, availability, stock_left, "
        "views, likes, position, sponsored from market.observation",
    )
    assert observation == (
        *(NOON, Decimal("1250.00"), "DZD", Decimal("1500.50"), "fixed", Decimal("4.10"), 41, "in_stock", 5, 7, 3),
        *(1, False),
    )


def test_the_same_offer_again_stores_nothing_but_moves_last_seen(connection: Connection) -> None:
    send(connection, offer())
    assert send(connection, offer(observed_at=NOON + HOUR)).observations == 0
    assert rows(connection, "select first_seen_at, last_seen_at from market.listing") == [(NOON, NOON + HOUR)]


@pytest.mark.parametrize(("hours", "expected"), [(23, 0), (24, 0), (24.001, 1), (48, 1)])
def test_an_unchanged_offer_is_stored_after_more_than_24_hours(
    connection: Connection, hours: float, expected: int
) -> None:
    send(connection, offer())
    assert send(connection, offer(observed_at=NOON + hours * HOUR)).observations == expected


@pytest.mark.parametrize(
    "change",
    [
        {"price": Decimal("1249.99")},
        {"old_price": Decimal(2000)},
        {"price": None, "currency": None, "price_kind": "none"},
        {"price_kind": "from"},
        {"rating": Decimal("4.2")},
        {"rating_count": 42},
        {"availability": "low_stock"},
        {"stock_left": 3},
        {"position": 2},
        {"likes": 1},
        {"views": 1},
        {"sponsored": True},
    ],
)
def test_every_signal_that_changes_is_stored(connection: Connection, change: dict[str, Any]) -> None:
    send(connection, offer())
    assert send(connection, offer(observed_at=NOON + HOUR, **change)).observations == 1


@pytest.mark.parametrize("silent", ["rating", "rating_count", "stock_left", "likes", "views", "position", "sponsored"])
def test_what_a_page_does_not_say_is_no_change(connection: Connection, silent: str) -> None:
    send(connection, offer(stock_left=5, likes=1, views=1, sponsored=False))
    quiet = {"stock_left": 5, "likes": 1, "views": 1, "sponsored": False} | {silent: None}
    assert send(connection, offer(observed_at=NOON + HOUR, **quiet)).observations == 0
    assert send(connection, offer(observed_at=NOON + HOUR, availability="unknown")).observations == 0


def test_a_title_that_changes_is_no_observation_but_updates_the_listing(connection: Connection) -> None:
    send(connection, offer(brand="Oraimo", attributes={"a": "1"}))
    later = offer(observed_at=NOON + HOUR, title="Casque neuf", brand=None, attributes={"b": "2"})
    assert send(connection, later).observations == 0
    assert rows(connection, "select title, brand, attributes from market.listing") == [
        ("Casque neuf", "Oraimo", {"a": "1", "b": "2"})
    ]


def test_a_batch_sent_twice_is_stored_once(connection: Connection) -> None:
    sent = batch(offer(), rejects=[Reject(url=None, reason="offer/x", raw={})])
    results = []
    for _ in range(2):
        with connection, connection.cursor() as cursor:
            results.append(store.store_batch(cursor, sent, store.crawl_id(cursor, sent.crawl)))
    assert results == [store.Stored(1, 1, 1), store.Stored()]
    assert rows(connection, "select offers, observations, rejects from market.crawl") == [(1, 1, 1)]
    assert len(rows(connection, "select * from market.rejected_item")) == 1


def test_an_older_batch_that_arrives_late_is_compared_with_its_predecessor(connection: Connection) -> None:
    send(connection, offer(price=Decimal(100)))
    send(connection, offer(price=Decimal(80), observed_at=NOON + 4 * HOUR, title="new"))
    assert send(connection, offer(price=Decimal(100), observed_at=NOON + HOUR)).observations == 0
    assert send(connection, offer(price=Decimal(90), observed_at=NOON + 2 * HOUR, title="old")).observations == 1
    assert [row[1] for row in observed(connection)] == [100, 90, 80]
    assert rows(connection, "select title, last_seen_at from market.listing") == [("new", NOON + 4 * HOUR)]


def test_an_offer_before_the_first_sighting_moves_first_seen(connection: Connection) -> None:
    send(connection, offer())
    send(connection, offer(observed_at=NOON - HOUR))
    assert rows(connection, "select first_seen_at, last_seen_at from market.listing") == [(NOON - HOUR, NOON)]


def test_the_same_moment_is_stored_once(connection: Connection) -> None:
    send(connection, offer())
    assert send(connection, offer(price=Decimal(1))).observations == 0


def test_listings_of_two_countries_with_one_id_are_two(connection: Connection) -> None:
    assert send(connection, offer(), offer(country="ma", currency="MAD")).observations == 2


def test_an_offer_that_only_the_database_refuses_does_not_hold_up_its_batch(connection: Connection) -> None:
    bad = offer(5, currency="DINAR")
    stored = send(connection, *[offer(number) for number in range(1, 5)], bad, offer(6))
    assert stored == store.Stored(offers=5, observations=5, rejects=1)
    ((reason, raw),) = rows(connection, "select reason, raw from market.rejected_item")
    assert reason.startswith("offer/refused_by_database: value too long")
    assert raw["external_id"] == "SKU00005"


def test_the_crawls_row_counts_what_its_batches_brought(connection: Connection) -> None:
    of = crawl()
    send(connection, offer(1), offer(2), of=of)
    send(connection, offer(3), of=of)
    send(connection, offer(1, stock_left=4, observed_at=NOON + HOUR), of=of, first_sightings=0)
    assert rows(connection, "select state, offers, observations, rejects from market.crawl") == [("running", 3, 4, 0)]


def test_two_processes_that_store_the_same_listings_at_once_do_not_deadlock(
    connection: Connection, database_url: str
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def store_all(turn: int) -> int:
        own = psycopg2.connect(database_url)
        offers = [offer(number, price=Decimal(turn + 1), observed_at=NOON + turn * HOUR) for number in range(1, 301)]
        if turn % 2:
            offers.reverse()
        try:
            return send(own, *offers).observations
        finally:
            own.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(store_all, range(8))) >= 300
    assert rows(connection, "select count(*) from market.listing") == [(300,)]


def test_an_offer_too_long_for_an_index_does_not_hold_up_its_batch_either(connection: Connection) -> None:
    endless = offer(5, external_id="".join(f"{number * 7919:x}" for number in range(2000)))
    stored = send(connection, *[offer(number) for number in range(1, 5)], endless)
    assert stored == store.Stored(offers=4, observations=4, rejects=1)


@pytest.mark.parametrize("text", ["a\0b", "\\u0000", "\\\\u0000", "\\\0", '{"cut":"\\u0000x\\y'])
def test_a_reject_is_kept_whatever_its_body_holds(connection: Connection, text: str) -> None:
    assert send(connection, rejects=[Reject(url=None, reason="page/odd", raw={"body": text})]).rejects == 1
    ((body,),) = rows(connection, "select raw ->> 'body' from market.rejected_item")
    assert body == text.replace("\0", "")


ODD: list[dict[Any, Any]] = [{"views": 10**30}, {"a\ud800": "b\ud800"}, {1: [float("inf"), b"bytes"]}]
for _ in range(300):
    ODD[1] = {"deeper": ODD[1]}


@pytest.mark.parametrize("raw", ODD)
def test_one_odd_reject_costs_its_batch_nothing(connection: Connection, raw: dict[str, Any]) -> None:
    odd = Reject(url="https://x/\ud800\0", reason="page/odd: \ud800\0", raw=raw)
    assert send(connection, offer(1), offer(2), rejects=[odd]) == store.Stored(2, 2, 1)
    assert rows(connection, "select url, reason from market.rejected_item") == [("https://x/?", "page/odd: ?")]


def test_odd_texts_of_an_offer_are_stored_without_what_postgresql_cannot_hold(connection: Connection) -> None:
    odd: dict[str, Any] = {"a\ud800": "b\0", "n": 10**30, "u": "\\u0000"}
    stored = send(
        connection, offer(external_id="A\0B\n\ud800", title="x\0\ud800y", attributes=odd, category_path=["\0c"])
    )
    assert stored == store.Stored(1, 1)
    assert rows(connection, "select external_id, title, attributes, category_path from market.listing") == [
        ("AB?", "x?y", {"a?": "b", "n": "1" + "0" * 30, "u": "\\u0000"}, ["c"])
    ]


@pytest.mark.parametrize("odd", [{"title": None}, {"views": 10**5000}, {"views": 10**30}, {"image_urls": [1]}])
def test_an_offer_that_cannot_be_written_costs_only_itself(connection: Connection, odd: dict[str, Any]) -> None:
    stored = send(connection, *[offer(number) for number in range(1, 5)], offer(5, **odd), offer(6))
    assert stored == store.Stored(offers=5, observations=5, rejects=1)
    ((reason,),) = rows(connection, "select reason from market.rejected_item")
    assert reason.startswith("offer/refused_by_database: ")
    assert "read()" not in reason


def test_a_late_offer_does_not_speak_for_a_later_sighting_that_left_no_row(connection: Connection) -> None:
    first, second, late = crawl(), crawl(), crawl()
    send(connection, offer(), of=first)
    send(connection, offer(observed_at=NOON + 2 * HOUR, rating=None), of=second)
    assert send(connection, offer(observed_at=NOON + HOUR, price=Decimal(50), position=None), of=late).observations == 2
    assert observed(connection) == [
        (NOON, Decimal("1250.00"), 1),
        (NOON + HOUR, Decimal(50), None),
        (NOON + 2 * HOUR, Decimal("1250.00"), 1),
    ]
    by = "select stats ->> 'run' from market.observation as o join market.crawl as c on c.id = crawl_id"
    assert rows(connection, f"{by} order by observed_at") == [(first.run,), (late.run,), (second.run,)]
    assert send(connection, offer(observed_at=NOON + 1.5 * HOUR, price=Decimal(40))).observations == 1
    assert rows(connection, "select price from market.observation order by observed_at desc limit 1") == [(1250,)]


def test_a_late_offer_between_two_rows_is_one_row(connection: Connection) -> None:
    send(connection, offer())
    send(connection, offer(observed_at=NOON + 2 * HOUR, price=Decimal(99)))
    send(connection, offer(observed_at=NOON + 3 * HOUR, price=Decimal(99)))
    assert send(connection, offer(observed_at=NOON + HOUR, price=Decimal(50))).observations == 1


SHOP: dict[str, Any] = {"seller_name": "Ahmed Boutique", "seller_kind": "shop"}
PRIVATE: dict[str, Any] = {"seller_name": None, "seller_kind": "private"}


@pytest.mark.parametrize("hours", [(0, 1), (1, 0)])
def test_a_seller_who_is_private_has_no_name_whatever_was_known_before_or_comes_late(
    connection: Connection, hours: tuple[int, int]
) -> None:
    sightings = [offer(observed_at=NOON, **SHOP), offer(observed_at=NOON + HOUR, **PRIVATE)]
    for number in hours:
        send(connection, sightings[number])
    query = "select seller_name, seller_kind from market.listing"
    assert rows(connection, query) == [(None, "private")]
    send(connection, offer(observed_at=NOON + 2 * HOUR, **SHOP))
    assert rows(connection, query) == [("Ahmed Boutique", "shop")]
    send(connection, offer(observed_at=NOON + 1.5 * HOUR, **PRIVATE))
    assert rows(connection, query) == [("Ahmed Boutique", "shop")]
