from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from pipelines import store
from pipelines.known import ALL_KNOWN, HOLE, EarlierCrawls, Known, differs, is_settled
from pipelines.offer import Offer
from pipelines.storing import connect
from tests import factories
from tests.pipelines.offers import NOON, batch, offer

WHERE = {"spider": "ouedkniss", "country": "dz", "markets": "demo", "arguments": {"category": "telephones"}}
HOUR = timedelta(hours=1)
WHOLE = {"page_limit": 50}
STOPPED = {"page_limit": 50, ALL_KNOWN: 1}

Ask = Callable[[datetime], EarlierCrawls | None]


@pytest.fixture
def known(work: Session) -> Iterator[Known]:
    made = Known(connect, "ouedkniss", "dz", "demo", '{"category": "telephones"}', 50)
    yield made
    made.close()


def before(work: Session, hours: float, **values: Any) -> None:
    """A crawl that began some hours before noon, on the clock of the market and of this machine."""
    at = NOON - hours * HOUR
    defaults: dict[str, Any] = WHERE | {"marketplace": "ouedkniss", "served_at": at, "stats": WHOLE}
    factories.crawl(work, **defaults | {"started_at": at} | values)
    work.commit()


def may_stop(known: Known) -> bool:
    earlier = asyncio.run(known.earlier_crawls(NOON))
    return earlier is not None and earlier.left_nothing_out


def test_the_first_crawl_of_a_place_may_not_stop(known: Known) -> None:
    assert asyncio.run(known.earlier_crawls(NOON)) is None


@pytest.mark.parametrize(
    ("crawls", "stops"),
    [
        ([(1, {})], True),
        ([(5, {}), (1, {"stats": STOPPED})], True),
        ([(1, {"stats": STOPPED})], False),
        ([(23.9, {}), (1, {"stats": STOPPED})], True),
        ([(24, {}), (1, {"stats": STOPPED})], False),
        ([(5, {}), (1, {"state": "failed"})], False),
        ([(5, {}), (1, {"state": "running"})], False),
        ([(5, {}), (2, {"state": "failed"}), (1, {})], True),
        ([(5, {}), (1, {"stats": WHOLE | {HOLE: 1}})], False),
        ([(5, {"stats": WHOLE | {HOLE: 1}}), (1, {"stats": STOPPED})], False),
        ([(5, {}), (1, {"arguments": {"category": "informatique"}, "state": "failed"})], True),
        ([(5, {"arguments": {"category": "informatique"}}), (1, {"stats": STOPPED})], False),
        ([(5, {"markets": "replay"}), (1, {"stats": STOPPED})], False),
        ([(5, {"stats": {"page_limit": 10}}), (1, {"stats": STOPPED})], False),
        ([(1, {"served_at": None})], False),
    ],
)
def test_a_crawl_may_stop_behind_one_that_left_nothing_out_and_not_long_after_a_whole_walk(
    work: Session, known: Known, crawls: list[tuple[float, dict[str, Any]]], stops: bool
) -> None:
    for hours, values in crawls:
        before(work, hours, **values)
    assert may_stop(known) is stops


def test_with_the_database_away_nothing_is_known_and_nothing_raised() -> None:
    def away() -> Any:
        raise psycopg2.OperationalError("no server")

    known = Known(away, "ouedkniss", "dz", "demo", "{}", 50)
    assert asyncio.run(known.earlier_crawls(NOON)) is None
    assert asyncio.run(known.unchanged([offer()], 10)) == set()


def store_offers(*offers: Offer) -> int:
    """Stores them; returns how many observations that made."""
    connection = connect()
    with connection, connection.cursor() as cursor:
        sent = batch(*offers)
        stored = store.store_batch(cursor, sent, store.crawl_id(cursor, sent.crawl))
    connection.close()
    return stored.observations


def test_what_the_crawl_stored_itself_is_not_known(work: Session, known: Known) -> None:
    store_offers(offer(1))
    before(work, 1)
    earlier = asyncio.run(known.earlier_crawls(NOON))
    assert earlier
    store_offers(offer(2))
    assert asyncio.run(known.unchanged([offer(1), offer(2), offer(3)], earlier.watermark)) == {offer(1).external_id}


def test_the_latest_observation_counts(work: Session, known: Known) -> None:
    store_offers(offer(1))
    store_offers(offer(1, price=Decimal("900.00"), observed_at=NOON + HOUR))
    watermark = 10**9
    assert asyncio.run(known.unchanged([offer(1)], watermark)) == set()
    assert asyncio.run(known.unchanged([offer(1, price=Decimal(900))], watermark)) == {offer(1).external_id}


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "price": st.sampled_from([Decimal("1250.00"), Decimal(1250), Decimal("1250.50")]),
        "old_price": st.sampled_from([None, Decimal(1500)]),
        "price_kind": st.sampled_from(["fixed", "negotiable"]),
        "availability": st.sampled_from(["unknown", "in_stock", "out_of_stock"]),
        "rating": st.sampled_from([None, Decimal("4.1"), Decimal("4.10"), Decimal("4.2")]),
        "stock_left": st.sampled_from([None, 0, 3]),
        "likes": st.sampled_from([None, 0, 7]),
        "position": st.sampled_from([None, 1, 2]),
        "sponsored": st.sampled_from([None, True, False]),
        "title": st.sampled_from(["Casque", "Écouteurs"]),
    },
)


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES, CHANGES, st.integers(0, 10**9))
def test_unchanged_is_what_the_log_would_not_store(
    work: Session, known: Known, first: dict[str, Any], then: dict[str, Any], number: int
) -> None:
    one, two = offer(number, **first), offer(number, **then | {"observed_at": NOON + HOUR})
    one.external_id = two.external_id = f"SKU-{number}-{hash(str(first))}-{hash(str(then))}"
    if not store_offers(one):
        return
    unchanged = asyncio.run(known.unchanged([two], 10**12))
    assert bool(unchanged) is (store_offers(two) == 0)


@pytest.mark.parametrize(
    ("renewed", "settled"),
    [
        ("2026-05-01T11:00:00.000Z", True),
        ("2026-05-01T12:30:00.000Z", False),
        ("2026-05-01T12:00:00.000Z", False),
        ("2030-01-01T00:00:00.000Z", True),
        (None, True),
        ("yesterday", True),
        ("2026-05-01 12:30:00", True),
    ],
)
def test_an_ad_renewed_since_the_last_crawl_is_not_settled(renewed: str | None, settled: bool) -> None:
    assert is_settled(renewed, NOON, NOON + HOUR) is settled


def test_what_the_offer_does_not_say_is_no_difference() -> None:
    said: dict[str, Any] = {
        "price": None,
        "currency": None,
        "old_price": None,
        "price_kind": "none",
        "availability": "in_stock",
    }
    said |= dict.fromkeys(("rating", "rating_count", "stock_left", "views", "likes", "position", "sponsored"), 5)
    silent = {"price": None, "currency": None, "price_kind": "none", "rating": None, "rating_count": None}
    assert not differs(offer(1, **silent, position=None, availability="unknown"), said)
    assert differs(offer(1, **silent, position=None, availability="out_of_stock"), said)
