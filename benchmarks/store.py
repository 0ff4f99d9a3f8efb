"""Storing offers: our batches against a bare COPY of the same rows, and against one commit per item.

The bare COPY writes one plain table in one transaction, from text that was made beforehand: no keys, no indexes, no
comparison with what was there, no Python.
"""

from __future__ import annotations

import io
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import psycopg2
import sqlalchemy as sa
from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy.orm import Session

from benchmarks import Row
from config import settings
from database import create_engine, market, migrate, server
from pipelines import store
from pipelines.copy_rows import DESCRIBED, SAID, copy_into, described, encoded, said
from pipelines.offer import Offer
from pipelines.records import Batch, CrawlStart

_BOUND = (
    "bounded by what the COPY has none of: finding each listing by its key, a new version of its row, two tables, four "
    "indexes, the check of keys, and making the text, which is half of it"
)
OFFERS = 20_000
ITEMS = 1_000
REPEATS = 5
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

BARE_TABLE = """
create table bare (
    marketplace text, country text, external_id text, observed_at timestamptz,
    price numeric(14, 2), currency text, old_price numeric(14, 2), price_kind text, availability text,
    rating numeric(3, 2), rating_count integer, stock_left integer, views integer, likes integer, position integer,
    sponsored boolean, url text, title text, brand text, category_path text[], seller_name text, seller_kind text,
    shipped_from_abroad boolean, express boolean, image_urls text[], attributes jsonb
)
"""
BARE_COPY = copy_into("bare", (*SAID, *DESCRIBED))
# What a pipeline of a tutorial does: find or make the listing, add an observation, commit.
ONE_LISTING = """
insert into market.listing (marketplace, country, external_id, url, title, brand, first_seen_at, last_seen_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (marketplace, country, external_id) do update set last_seen_at = excluded.last_seen_at
returning id
"""
ONE_OBSERVATION = """
insert into market.observation (listing_id, crawl_id, observed_at, price, currency, price_kind, rating, rating_count)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def offers(count: int, day: int, changed: int) -> list[Offer]:
    """Offers as a listing yields them; on each later day one in `changed` has another price."""
    return [
        Offer(
            marketplace="jumia",
            country="dz",
            external_id=f"BE{number:07}NAFAMZ",
            url=f"https://www.jumia.com.dz/produit-d-essai-numero-{number}-{number:08}.html",
            title=f"Produit d'essai numéro {number}, 6,5 pouces, 128 Go, 8 Go de RAM, noir",
            observed_at=NOON + timedelta(hours=day),
            brand=f"Marque {number % 300}",
            category_path=["Téléphone & Tablette", "Téléphones portables", f"Famille {number % 40}"],
            price=Decimal(1000 + number % 5000 + (day if number % changed == 0 else 0)),
            currency="DZD",
            old_price=Decimal(9000),
            price_kind="fixed",
            rating=Decimal("4.1"),
            rating_count=number % 400,
            availability="in_stock",
            seller_kind="shop",
            shipped_from_abroad=False,
            express=True,
            position=number,
            sponsored=False,
            image_urls=[f"https://dz.jumia.is/unsafe/fit-in/300x300/product/{number}/1.jpg"],
            attributes={"seller_id": str(number % 900)},
        )
        for number in range(1, count + 1)
    ]


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A server of its own with the settings of every installation: commits reach the disk."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        address = server.ensure(folder)
        migrate.upgrade(address)
        yield address
    finally:
        server.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


def timed(work: Callable[[], None]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _ours(connection: Connection, found: list[Offer], crawl: CrawlStart) -> None:
    size = settings().store_batch_size
    for begin in range(0, len(found), size):
        part = found[begin : begin + size]
        batch = Batch(crawl=crawl, offers=part, rejects=[], first_sightings=len(part))
        with connection, connection.cursor() as cursor:
            store.store_batch(cursor, batch, store.crawl_id(cursor, crawl))


def lines(found: list[Offer]) -> io.BytesIO:
    """The offers as a file for `BARE_COPY`."""
    return io.BytesIO(b"".join([encoded(f"{said(offer)}\t{described(offer)}\n") for offer in found]))


def _bare(connection: Connection, text: io.BytesIO) -> None:
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(BARE_COPY, text)


def _one_by_one(connection: Connection, found: list[Offer], crawl: int) -> None:
    for offer in found:
        with connection, connection.cursor() as cursor:
            named = (offer.marketplace, offer.country, offer.external_id, offer.url, offer.title, offer.brand)
            cursor.execute(ONE_LISTING, (*named, offer.observed_at, offer.observed_at))
            row = cursor.fetchone()
            assert row is not None
            said = (offer.price, offer.currency, offer.price_kind, offer.rating, offer.rating_count)
            cursor.execute(ONE_OBSERVATION, (row[0], crawl, offer.observed_at, *said))


def _orm(engine: sa.Engine, found: list[Offer], crawl: int) -> None:
    """The same as a tutorial writes it with SQLAlchemy: one session and one commit an item."""
    for offer in found:
        with Session(engine) as work:
            key = {name: getattr(offer, name) for name in ("marketplace", "country", "external_id")}
            listing = work.scalar(sa.select(market.Listing).filter_by(**key))
            if listing is None:
                listing = market.Listing(**key, url=offer.url, title=offer.title, brand=offer.brand)
                listing.first_seen_at = offer.observed_at
                work.add(listing)
            listing.last_seen_at = offer.observed_at
            work.flush()
            told = ("observed_at", "price", "currency", "price_kind", "rating", "rating_count")
            said = {name: getattr(offer, name) for name in told}
            work.add(market.Observation(listing_id=listing.id, crawl_id=crawl, **said))
            work.commit()


def _clear(connection: Connection) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute("truncate market.observation, market.listing, market.stored_batch, market.crawl cascade")
        cursor.execute("drop table if exists bare")
        cursor.execute(BARE_TABLE)


def _crawl() -> CrawlStart:
    return CrawlStart(
        spider="bench", marketplace="jumia", country="dz", markets="demo", arguments={}, host="bench", pid=1
    )


def _turn(connection: Connection, found: list[Offer], crawl: CrawlStart) -> tuple[float, float, float]:
    """Seconds of ours, of a bare COPY from the same offers, and of one from text that was made beforehand."""
    with connection, connection.cursor() as cursor:
        cursor.execute("truncate bare")
    ours = timed(lambda: _ours(connection, found, crawl))
    from_offers = timed(lambda: _bare(connection, lines(found)))
    text = lines(found)
    return ours, from_offers, timed(lambda: _bare(connection, text))


def _slow_turn(connection: Connection, work: Callable[[list[Offer], int], None], found: list[Offer]) -> float:
    """Seconds that all would take one by one, reckoned from ITEMS of them."""
    _clear(connection)
    with connection, connection.cursor() as cursor:
        number = store.crawl_id(cursor, _crawl())
    return timed(lambda: work(found[:ITEMS], number)) * len(found) / ITEMS


def run() -> list[Row]:
    """Times each way by turns, REPEATS times; ratios are of the same turn, the median counts."""
    new, again = offers(OFFERS, 0, changed=10), offers(OFFERS, 1, changed=10)
    first, second, single, orm = [], [], [], []
    with cluster(settings().data_dir / "bench_store") as address:
        connection = psycopg2.connect(address, options="-c jit=off")
        engine = create_engine(address)
        for _ in range(REPEATS):
            _clear(connection)
            crawl = _crawl()
            first.append(_turn(connection, new, crawl))
            second.append(_turn(connection, again, crawl))
            ours = first[-1][0]
            single.append((ours, _slow_turn(connection, partial(_one_by_one, connection), new)))
            orm.append((ours, _slow_turn(connection, partial(_orm, engine), new)))
        engine.dispose()
        connection.close()
    size = f"{OFFERS:,} offers in batches of {settings().store_batch_size}, {REPEATS} turns"
    rows = []
    for what, turns in (("never seen before", first), ("seen before, one in ten changed,", second)):
        name = f"storing offers {what} against a bare COPY of the same"
        note = f"{size}; {_BOUND}"
        rows.append(
            _row(f"{name} rows, as text made beforehand", [(turn[0], turn[2]) for turn in turns], ">= 0.20", note)
        )
        rows.append(_row(f"{name} offers, text made on the way", [(turn[0], turn[1]) for turn in turns], "", size))
    one_by_one = "storing offers never seen before against one commit per item"
    note = f"{size}; one by one: {ITEMS:,} items"
    rows.append(_row(f"{one_by_one}, two statements through psycopg2", single, ">= 30", note))
    rows.append(_row(f"{one_by_one}, a SQLAlchemy session each", orm, ">= 30", note))
    return rows


def _row(name: str, pairs: list[tuple[float, float]], goal: str, note: str) -> Row:
    """A row of throughputs: ours relative to the other's."""
    ratios = [other / ours for ours, other in pairs]
    ours, other = (statistics.median(OFFERS / pair[side] for pair in pairs) for side in (0, 1))
    return Row(
        name=name,
        ratio=statistics.median(ratios),
        ours=f"{ours:,.0f} offers/s",
        other=f"{other:,.0f} offers/s",
        goal=goal,
        note=note,
        samples=ratios,
    )
