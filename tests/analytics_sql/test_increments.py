"""History that grew run by run is history made at once: row by row, whatever arrives late."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import dbt_plugin, market
from tests.analytics_sql.conftest import MODELS_ONLY, Dbt
from tests.analytics_sql.market_rows import NOW, days_ago
from tests.factories import crawl, listing, observation

HISTORY = ("int_observations__filled", "int_listing_days__observed", "int_listing_days")
SELECTED = ("+price_history_daily", "+current_offers", "+offer_changes")
MARTS = ("price_history_daily", "current_offers", "offer_changes")
LISTINGS = 12


def said(chance: random.Random) -> dict[str, Any]:
    """What a page may say: a price or none, in dinars mostly, and some of the rest."""
    price = chance.choice([None, *[Decimal(chance.choice([90, 100, 100, 110, 120]))] * 8])
    kind = "none" if price is None else "fixed"
    return {
        "price": price,
        "currency": None if price is None else chance.choice(["DZD"] * 9 + ["MAD"]),
        "price_kind": kind,
        "availability": chance.choice(["in_stock", "in_stock", "low_stock", "out_of_stock", "unknown", "unknown"]),
        "rating_count": chance.choice([None, chance.randrange(200)]),
        "stock_left": chance.choice([None, None, chance.randrange(20)]),
        "likes": chance.choice([None, chance.randrange(50)]),
        "position": chance.choice([None, chance.randrange(1, 60)]),
    }


def grow(work: Session, chance: random.Random, moments: list[datetime]) -> None:
    """Some observations at some of these moments, stored in any order."""
    listings = work.scalars(sa.select(market.Listing).order_by(market.Listing.id)).all()
    taken = {
        tuple(row) for row in work.execute(sa.select(market.Observation.listing_id, market.Observation.observed_at))
    }
    by = crawl(work)
    for one, at in chance.sample([(one, at) for one in listings for at in moments], 40):
        if (one.id, at) not in taken:
            observation(work, one, by, observed_at=at, **said(chance))
    work.commit()


def history(data_dir: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(data_dir / dbt_plugin.FILE), read_only=True) as file:
        return {
            name: file.execute(f"select * exclude batch from intermediate.{name} order by all").fetchall()
            for name in HISTORY
        }


def written(work: Session) -> dict[str, list[tuple]]:
    work.rollback()
    rows = {
        name: sorted(map(str, work.execute(sa.text(f"select m::text from marts.{name} as m")).scalars()))
        for name in MARTS
    }
    work.rollback()
    return rows


def test_history_that_grew_run_by_run_equals_history_made_at_once(work: Session, dbt: Dbt, tmp_path: Path) -> None:
    def build(*arguments: str) -> str:
        return dbt(*MODELS_ONLY, "--select", *SELECTED, *arguments)

    chance = random.Random(7)
    for _ in range(LISTINGS):
        listing(work, first_seen_at=days_ago(50), last_seen_at=NOW)
    instants = [days_ago(50 - hours / 6) for hours in range(300)]
    grow(work, chance, instants[:200])
    build()
    whole = oid(work)
    grow(work, chance, instants[200:250])
    build()
    # Late words between and before others; a gap of days before the next.
    grow(work, chance, [*instants[100:210], days_ago(60)])
    grow(work, chance, instants[280:])
    build()
    assert oid(work) == whole, "the mart was written whole"
    grown, marts = history(tmp_path), written(work)
    assert all(len(rows) > 100 for rows in grown.values())

    build("--full-refresh")
    assert oid(work) != whole
    assert (history(tmp_path), written(work)) == (grown, marts)


def oid(work: Session) -> int:
    """Which table price_history_daily is: another one, once it was written whole."""
    work.rollback()
    return work.scalar(sa.text("select 'marts.price_history_daily'::regclass::bigint")) or 0


def test_what_was_made_by_other_sql_or_seeds_or_never_reached_the_mart_is_made_anew(
    work: Session, dbt: Dbt, tmp_path: Path
) -> None:
    def build() -> str:
        return dbt(*MODELS_ONLY, "--select", SELECTED[0])

    one = listing(work)
    observation(work, one, crawl(work), observed_at=NOW, price=Decimal(100), currency="DZD")
    work.commit()
    build()
    price = sa.text("select min(close_price), max(close_price) from marts.price_history_daily")
    with duckdb.connect(str(tmp_path / dbt_plugin.FILE)) as file:
        file.execute("update intermediate.int_listing_days set close_price = 1")
        file.execute("update fingerprints set fingerprint = 'of other SQL' where model = 'int_listing_days'")
    work.execute(sa.text("update marts.price_history_daily set close_price = 2"))
    observation(work, one, crawl(work), observed_at=NOW + timedelta(days=1), price=Decimal(100), currency="DZD")
    work.commit()
    build()
    assert tuple(work.execute(price).one()) == (100, 100)

    # As after a restored backup, or a file of another server: the mart says that it belongs to another history.
    work.execute(sa.text("update analytics.mart_progress set history = history - 1"))
    work.execute(sa.text("update marts.price_history_daily set close_price = 3"))
    work.commit()
    build()
    assert tuple(work.execute(price).one()) == (100, 100)
