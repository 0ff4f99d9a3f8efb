"""The first page, and the shelves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from reseller.catalogue.cards import SOURCE, Card, cards, is_ours, offers, on_sale, on_shelf, ours, trends
from reseller.shelves import OTHER, shelf_of

ROW = 12
"""Products in one row of the first page."""
REAL_DROP_PCT = Decimal(-3)
"""A fall of the asked price in 7 days, in hundredths, from which on it is news."""
NEW_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ShelfCount:
    """A shelf that is not empty, and how many products lie on it."""

    key: str
    products: int


@dataclass(frozen=True, slots=True)
class Home:
    """The rows of the first page; shelves fullest first; seen_at is the newest sighting of any marketplace."""

    shop: list[Card]
    trending: list[Card]
    drops: list[Card]
    new: list[Card]
    shelves: list[ShelfCount]
    products: int
    seen_at: datetime | None


def built(work: Session) -> bool:
    """Whether there is anything to read: dbt has built the marts once."""
    return marts.built(work)


def home(work: Session) -> Home:
    """What the first page shows. Needs the marts."""
    score = trends.c.score
    fall = trends.c.price_change_7d_pct
    shelves = shelf_counts(work)
    return Home(
        shop=cards(work, [is_ours], [score.desc().nulls_last(), ours.c.published_at.desc()], ROW),
        trending=cards(work, [on_sale, score.isnot(None)], [score.desc()], ROW),
        drops=cards(work, [on_sale, fall <= REAL_DROP_PCT], [fall], ROW),
        new=cards(work, [on_sale, _arrived_later()], [offers.c.first_seen_at.desc(), score.desc().nulls_last()], ROW),
        shelves=shelves,
        products=sum(shelf.products for shelf in shelves),
        seen_at=work.scalar(sa.select(sa.func.max(offers.c.last_seen_at))),
    )


def _arrived_later() -> sa.ColumnElement[bool]:
    """New to its marketplace: not there on the first day we looked, and not for long."""
    market = (
        sa.select(
            offers.c.marketplace,
            offers.c.country,
            sa.func.min(offers.c.first_seen_at).label("opened"),
            sa.func.max(offers.c.last_seen_at).label("now"),
        )
        .group_by(offers.c.marketplace, offers.c.country)
        .subquery("market")
    )
    return sa.exists().where(
        market.c.marketplace == offers.c.marketplace,
        market.c.country == offers.c.country,
        offers.c.first_seen_at > market.c.opened + timedelta(hours=12),
        offers.c.first_seen_at > market.c.now - NEW_FOR,
    )


def shelf_counts(work: Session) -> list[ShelfCount]:
    """The shelves with something on them, fullest first, the unsorted one last."""
    counts: Counter[str] = Counter()
    for path, products in _paths(work):
        counts[shelf_of(path)] += products
    ranked = sorted(counts.items(), key=lambda item: (item[0] == OTHER, -item[1], item[0]))
    return [ShelfCount(key, products) for key, products in ranked]


def paths_on(work: Session, shelf: str) -> list[str | None]:
    """The category paths of the marketplaces that lie on a shelf."""
    return [path for path, _ in _paths(work) if shelf_of(path) == shelf]


def _paths(work: Session) -> list[tuple[str | None, int]]:
    query = sa.select(offers.c.category_path, sa.func.count()).select_from(SOURCE).where(on_shelf)
    return [(path, products) for path, products in work.execute(query.group_by(offers.c.category_path))]
