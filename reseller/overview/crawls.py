"""Crawls: how they ended, and what they could not use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.market import Crawl, RejectedItem
from reseller.overview.paging import Page, paged

LOST_AFTER = timedelta(hours=6)
"""A crawl still `running` after this was killed: no crawl of 50 pages a category takes that long."""


@dataclass(frozen=True, slots=True)
class CrawlRow:
    """One run of a spider. `duration` is None while it runs; counts are as in `market.crawl`."""

    id: int
    spider: str
    marketplace: str
    country: str
    markets: str
    state: str
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    pages: int
    offers: int
    observations: int
    rejects: int

    @property
    def duration(self) -> timedelta | None:
        """From start to end."""
        return self.finished_at - self.started_at if self.finished_at else None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """An item or page that could not be used, as it came."""

    id: int
    url: str | None
    reason: str
    raw: dict[str, object]
    rejected_at: datetime


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """How many of a crawl's offers say something in a field.

    Attributes:
        share: a fraction, 0 to 1.
        usual: its median over the crawls that this one was compared with when it ended; None without any.
        fell: whether the crawl failed for it.
    """

    name: str
    share: float
    usual: float | None
    fell: bool


@dataclass(frozen=True, slots=True)
class CrawlPage:
    """A crawl with what it was asked and what it counted.

    Attributes:
        complete: whether it finished and walked every place it was sent to to its end.
        reasons: how many items each reason took.
        coverage: by field, what fell first, then the fullest.
    """

    row: CrawlRow
    complete: bool
    arguments: dict[str, object]
    stats: dict[str, object]
    reasons: Sequence[tuple[str, int]]
    coverage: Sequence[FieldCoverage]


_COLUMNS = [getattr(Crawl, name) for name in CrawlRow.__dataclass_fields__]


def _row(found: Any) -> CrawlRow:
    return CrawlRow(*found)


def crawls(work: Session, *, state: str | None = None, page: int = 1, size: int = 50) -> Page[CrawlRow]:
    """Crawls, newest first."""
    query = sa.select(*_COLUMNS)
    if state:
        query = query.where(Crawl.state == state)
    return paged(work, query, [Crawl.started_at.desc(), Crawl.id.desc()], _row, page, size)


def latest_crawls(work: Session) -> list[CrawlRow]:
    """The last crawl of each spider and country."""
    query = (
        sa.select(*_COLUMNS)
        .distinct(Crawl.spider, Crawl.country)
        .order_by(Crawl.spider, Crawl.country, Crawl.started_at.desc(), Crawl.id.desc())
    )
    return [_row(found) for found in work.execute(query)]


def troubled(rows: Sequence[CrawlRow], now: datetime) -> list[CrawlRow]:
    """Those of `rows` that failed, or that still call themselves running long after they were killed."""
    return [
        row for row in rows if row.state == "failed" or (row.state == "running" and now - row.started_at > LOST_AFTER)
    ]


def crawl(work: Session, crawl_id: int) -> CrawlPage | None:
    """One crawl, or None."""
    further = (Crawl.complete, Crawl.arguments, Crawl.stats, Crawl.coverage)
    found = work.execute(sa.select(*_COLUMNS, *further).where(Crawl.id == crawl_id)).one_or_none()
    if found is None:
        return None
    *row, complete, arguments, stats, coverage = found
    count = sa.func.count()
    reasons = work.execute(
        sa.select(RejectedItem.reason, count)
        .where(RejectedItem.crawl_id == crawl_id)
        .group_by(RejectedItem.reason)
        .order_by(count.desc(), RejectedItem.reason)
        .limit(20)
    )
    fields = _fields(coverage, stats.get("usual") or {}, set(stats.get("fallen") or ()))
    fields.sort(key=lambda field: (not field.fell, -field.share, field.name))
    told = [(reason, number) for reason, number in reasons]
    return CrawlPage(CrawlRow(*row), complete, arguments, stats, told, fields)


def _fields(coverage: dict[str, float], usual: dict[str, float], fallen: set[str]) -> list[FieldCoverage]:
    shares = dict.fromkeys(fallen & usual.keys(), 0.0) | coverage
    return [FieldCoverage(name, share, usual.get(name), name in fallen) for name, share in shares.items()]


def rejected(
    work: Session, crawl_id: int, *, reason: str | None = None, page: int = 1, size: int = 20
) -> Page[RejectedRow]:
    """What a crawl could not use, oldest first."""
    query = sa.select(
        RejectedItem.id, RejectedItem.url, RejectedItem.reason, RejectedItem.raw, RejectedItem.rejected_at
    ).where(RejectedItem.crawl_id == crawl_id)
    if reason:
        query = query.where(RejectedItem.reason == reason)
    return paged(work, query, [RejectedItem.id], lambda found: RejectedRow(*found), page, size)
