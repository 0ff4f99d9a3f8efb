"""Health: whether the parts that everything rests on are there and fresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from reseller.overview.crawls import CrawlRow, latest_crawls


@dataclass(frozen=True, slots=True)
class MartAge:
    """One mart and marketplace: listings, and the newest sighting the mart knows."""

    marketplace: str
    listings: int
    newest_sighting: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """What the app rests on.

    Attributes:
        marts_built: whether dbt has built the marts.
        marts: what they hold, one row a marketplace.
        behind: how far the newest crawl that brought offers is ahead of the marts; None where nothing can be compared.
        crawls: the last crawl of each spider and country.
    """

    marts_built: bool
    marts: Sequence[MartAge]
    behind: timedelta | None
    crawls: Sequence[CrawlRow]


def health(work: Session) -> Health:
    """The state of marts and crawls. A database that is away raises `sqlalchemy.exc.OperationalError`."""
    built = marts.built(work)
    ages: list[MartAge] = []
    behind = None
    if built:
        offers = marts.current_offers.c
        found = work.execute(
            sa.select(offers.marketplace, sa.func.count(), sa.func.max(offers.last_seen_at))
            .group_by(offers.marketplace)
            .order_by(offers.marketplace)
        )
        ages = [MartAge(*row) for row in found]
        seen = work.scalar(sa.text("select max(served_at) from market.crawl where offers > 0"))
        if ages and seen:
            behind = max(timedelta(0), seen - max(age.newest_sighting for age in ages))
    return Health(built, ages, behind, latest_crawls(work))
