"""The store against a slow model of the log's rule: batches of anything, in any order, some of them sent twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection  # noqa: N812

from pipelines import store
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.records import Batch
from pipelines.store_sql import EMPTY_INCOMING
from tests.pipelines.offers import NOON, batch, crawl, offer

ALWAYS = ("price", "currency", "old_price", "price_kind")
WHERE_SAID = ("rating_count", "stock_left", "position", "sponsored")
SAID = (*ALWAYS, *WHERE_SAID, "availability")
TEXTS = ("title", "brand", "seller_name", "express")
GONE = dict.fromkeys(SAID) | {"price_kind": "none", "availability": "out_of_stock", "stock_left": 0}


@dataclass
class Listing:
    """What the log says of one listing, and what is known of it."""

    known: dict[str, Any]
    attributes: dict[str, str]
    seller_kind: str
    crawl: str
    first: datetime
    last: datetime
    log: dict[datetime, dict[str, Any]] = field(default_factory=dict)

    def observe(self, at: datetime, said: dict[str, Any]) -> None:
        earlier = [moment for moment in self.log if moment <= at]
        if earlier:
            before = self.log[max(earlier)]
            changed = any(said[name] != before[name] for name in ALWAYS)
            changed |= any(said[name] is not None and said[name] != before[name] for name in WHERE_SAID)
            changed |= said["availability"] not in ("unknown", before["availability"])
            if max(earlier) == at or (not changed and at - max(earlier) <= timedelta(hours=24)):
                return
            # Later sightings that found what was there before left no row: the last of them still saw that.
            if at < self.last and not any(at < moment <= self.last for moment in self.log):
                self.log[self.last] = before
        self.log[at] = said

    def see(self, seen: Offer, by: str) -> None:
        newer = seen.observed_at >= self.last
        for name in TEXTS:
            first, second = getattr(seen, name), self.known[name]
            if not newer:
                first, second = second, first
            self.known[name] = second if first is None else first
        both = (self.attributes, seen.attributes) if newer else (seen.attributes, self.attributes)
        self.attributes = both[0] | both[1]
        if seen.seller_kind != "unknown" and (newer or self.seller_kind == "unknown"):
            self.seller_kind = seen.seller_kind
        if self.seller_kind == "private":
            self.known["seller_name"] = None
        self.crawl = by if newer else self.crawl
        self.first, self.last = min(self.first, seen.observed_at), max(self.last, seen.observed_at)


class Model:
    """The store, one item after the other."""

    def __init__(self) -> None:
        self.listings: dict[str, Listing] = {}
        self.sent: set[str] = set()
        self.unknown = 0

    def take(self, sent: Batch) -> None:
        if sent.id in self.sent:
            return
        self.sent.add(sent.id)
        for item in sent.offers:
            name = item.url.rpartition("/")[2]
            if name not in self.listings:
                known = {text: getattr(item, text) for text in TEXTS}
                moment = item.observed_at
                self.listings[name] = Listing(known, item.attributes, "unknown", sent.crawl.run, moment, moment)
            self.listings[name].see(item, sent.crawl.run)
            self.listings[name].observe(item.observed_at, {column: getattr(item, column) for column in SAID})

    def hear(self, words: list[Gone]) -> None:
        """What one crawl says to be gone: of each listing its first word."""
        firsts: dict[str, datetime] = {}
        for word in words:
            name = word.url.rpartition("/")[2]
            if name in self.listings:
                firsts[name] = min(firsts.get(name, word.observed_at), word.observed_at)
            else:
                self.unknown += 1
        for name, moment in firsts.items():
            self.listings[name].observe(moment, GONE)

    def rows(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        listings, log = [], []
        for name, one in sorted(self.listings.items()):
            texts = (*one.known.values(), one.seller_kind, one.attributes)
            listings.append((name, *texts, one.crawl, one.first, one.last))
            log += [(name, at, *(said[column] for column in SAID)) for at, said in sorted(one.log.items())]
        return listings, log


LISTINGS = """
select split_part(url, '/', 4), title, brand, seller_name, express, seller_kind, attributes,
    (select stats ->> 'run' from market.crawl where id = last_crawl_id), first_seen_at, last_seen_at
from market.listing order by 1
"""
LOG = f"""
select split_part(l.url, '/', 4), o.observed_at, {", ".join("o." + name for name in SAID)}
from market.observation as o join market.listing as l on l.id = o.listing_id order by 1, 2
"""

moments = st.sampled_from([0, 1, 2, 24, 25, 26, 50]).map(lambda hours: NOON + hours * timedelta(hours=1))
numbers = st.integers(1, 2)
# Few of each, so that the same often comes again.
NO_PRICE = {"price": None, "currency": None, "price_kind": "none"}
SAYS: tuple[dict[str, Any], ...] = (
    {"rating_count": 4, "stock_left": 3, "availability": "in_stock"},
    {"rating_count": None, "stock_left": None, "availability": "unknown"},
    {"price": Decimal("12.50"), "rating_count": 4, "sponsored": True, "position": 1},
    NO_PRICE | {"rating_count": 5, "stock_left": 0, "availability": "out_of_stock"},
)
DESCRIBES: tuple[dict[str, Any], ...] = (
    {"title": "a\tb", "brand": "Oraimo", "seller_name": None, "express": None, "attributes": {"a": "1"}},
    {"title": "c", "brand": None, "seller_name": "شركة", "express": False, "attributes": {"a": "2", "b": "\\"}}
    | {"seller_kind": "shop"},
    {"title": "c", "brand": "Condor", "seller_name": None, "express": True, "attributes": {}, "seller_kind": "private"},
)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    number = draw(numbers)
    plain = {"url": f"https://shop/{number}", "observed_at": draw(moments), "rating": None, "position": None}
    return offer(number, **plain | draw(st.sampled_from(SAYS)) | draw(st.sampled_from(DESCRIBES)))


@st.composite
def words(draw: st.DrawFn) -> Gone:
    number = draw(numbers)
    named = draw(st.sampled_from([None, offer(number).external_id]))
    return Gone(
        marketplace="jumia",
        country="dz",
        url=f"https://shop/{number}",
        external_id=named,
        reason="page/product_gone",
        observed_at=draw(moments),
    )


@st.composite
def deliveries(draw: st.DrawFn) -> list[Batch | list[Gone]]:
    of = [crawl(), crawl()]
    found = st.lists(offers(), max_size=2, unique_by=lambda seen: seen.external_id)
    sent = st.builds(lambda found, which: batch(*found, of=of[which]), found, st.integers(0, 1))
    made = draw(
        st.lists(st.one_of(sent, sent, sent, st.lists(words(), min_size=1, max_size=3)), min_size=1, max_size=9)
    )
    return made + draw(st.lists(st.sampled_from(made), max_size=2))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    made = psycopg2.connect(database_url, options="-c timezone=UTC -c jit=off")
    yield made
    made.close()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=deliveries())
def test_whatever_arrives_in_whatever_order_the_rows_are_those_of_the_slow_model(
    connection: Connection, sent: list[Batch | list[Gone]]
) -> None:
    model = Model()
    with connection.cursor() as cursor:
        unknown = 0
        by = store.crawl_id(cursor, crawl())
        for one in sent:
            if isinstance(one, Batch):
                store.store_batch(cursor, one, store.crawl_id(cursor, one.crawl))
                model.take(one)
            else:
                unknown += store.store_gone(cursor, str(uuid.uuid4()), one, by).gone_unknown
                model.hear(one)
            cursor.execute(EMPTY_INCOMING)  # what a commit does; all is rolled back at the end, which is quicker
        found = []
        for query in (LISTINGS, LOG):
            cursor.execute(query)
            found.append(cursor.fetchall())
    connection.rollback()
    assert tuple(found) == model.rows()
    assert unknown == model.unknown


HOURS = st.lists(st.integers(0, 23), min_size=1, max_size=6, unique=True)
ORDERS = HOURS.flatmap(lambda hours: st.tuples(st.permutations(hours), st.integers(1, 24)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS, cheap=st.sets(st.integers(0, 23)))
def test_in_whatever_order_a_listing_is_reported_the_log_ends_with_what_was_seen_last(
    connection: Connection, order: tuple[list[int], int], cheap: set[int]
) -> None:
    hours, dead = order
    now = """
        select case when price is null then 'gone' when price = 1 then 'cheap' else 'dear' end
        from market.observation order by observed_at desc limit 1
    """
    with connection.cursor() as cursor:
        by = store.crawl_id(cursor, crawl())
        for number, hour in enumerate(hours):
            moment = NOON + timedelta(hours=hour)
            seen = offer(observed_at=moment, price=Decimal(1 if hour in cheap else 2), position=None)
            store.store_batch(cursor, batch(seen), by)
            cursor.execute(EMPTY_INCOMING)
            if number == 0:
                moment = NOON + timedelta(hours=dead - 0.5)
                word = Gone(marketplace="jumia", country="dz", url=seen.url, reason="x", observed_at=moment)
                store.store_gone(cursor, str(uuid.uuid4()), [word], by)
                cursor.execute(EMPTY_INCOMING)
        cursor.execute(now)
        found = cursor.fetchone()
    connection.rollback()
    last = max(hours)
    assert found == ("gone" if dead - 0.5 > last else "cheap" if last in cheap else "dear",)
