"""What earlier crawls saw of a listing, for a crawl that stops where it meets nothing new.

Every question is asked of PostgreSQL in a thread of its own. With the database away the answer is always "not known",
so that the crawl walks on: nothing is missed, some pages are asked for in vain.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from pipelines.offer import Offer
from pipelines.store_sql import ALWAYS, WHERE_SAID

log = logging.getLogger(__name__)

WHOLE_WALK_EVERY = timedelta(hours=24)
"""A listing that nobody renews is reached by walking to the end only; so old may the last such walk be."""
HOLE = "page/hole"
"""Counted by a spider where a page could not be used and the pages behind it were not reached."""
ALL_KNOWN = "page/all_known"
"""Counted by a spider where it stopped because all of a page was known and unchanged."""
_PATIENCE = "set statement_timeout = '10s'"

_LAST_CRAWLS = f"""
select
    coalesce((select max(id) from market.observation), 0),
    last.served_at,
    last.state = 'finished' and not last.stats ? '{HOLE}' and exists (
        select from market.crawl as whole
        where (whole.spider, whole.country, whole.markets, whole.arguments)
            = (last.spider, last.country, last.markets, last.arguments)
            and whole.state = 'finished' and whole.served_at > %(since)s
            and not whole.stats ? '{HOLE}' and not whole.stats ? '{ALL_KNOWN}'
            and (whole.stats ->> 'page_limit')::integer >= %(page_limit)s
    )
from (
    select * from market.crawl
    where spider = %(spider)s and country = %(country)s and markets = %(markets)s and arguments = %(arguments)s
        and started_at < %(began)s
    order by started_at desc
    limit 1
) as last
"""  # noqa: S608

_LATEST = f"""
select listing.external_id, latest.availability, {", ".join(f"latest.{name}" for name in (*ALWAYS, *WHERE_SAID))}
from market.listing
join lateral (
    select * from market.observation
    where listing_id = listing.id and id <= %(watermark)s
    order by observed_at desc
    limit 1
) as latest on true
where marketplace = %(marketplace)s and country = %(country)s and external_id = any(%(ids)s)
"""  # noqa: S608

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EarlierCrawls:
    """What earlier crawls of the same place allow.

    Attributes:
        watermark: the newest observation when this crawl began; what it stores itself lies above.
        served_at: the market's time of the last crawl's first page; aware, UTC.
        left_nothing_out: whether the last one finished without a hole, and one that walked to the end is recent.
    """

    watermark: int
    served_at: datetime
    left_nothing_out: bool


class Known:
    """Questions about one crawl's offers. One connection, opened at the first question.

    Made when its crawl begins: later crawls are no earlier ones.

    Args:
        connect: opens a connection, raising psycopg2.OperationalError where the database is away.
        spider, country, markets, arguments, page_limit: which crawls are earlier ones of this.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        spider: str,
        country: str,
        markets: str,
        arguments: str,
        page_limit: int,
    ) -> None:
        self._open = connect
        self._crawl = {"spider": spider, "country": country, "markets": markets, "arguments": arguments}
        self._page_limit = page_limit
        self._began = datetime.now(UTC)
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._asked = False
        self._earlier: EarlierCrawls | None = None

    async def earlier_crawls(self, now: datetime) -> EarlierCrawls | None:
        """What earlier crawls allow; asked once, at the first page; None where there are none or the database is away.

        Args:
            now: the market's time; aware.
        """
        async with self._turn:
            if not self._asked:
                self._asked = True
                rows = await asyncio.to_thread(
                    self._query,
                    _LAST_CRAWLS,
                    self._crawl
                    | {"since": now - WHOLE_WALK_EVERY, "page_limit": self._page_limit, "began": self._began},
                )
                if rows and rows[0][1] is not None:
                    self._earlier = EarlierCrawls(*rows[0])
        return self._earlier

    async def unchanged(self, offers: Sequence[Offer], watermark: int) -> set[str]:
        """The external ids of the offers that earlier crawls saw last as they are now."""
        if not offers:
            return set()
        asked = {
            "marketplace": offers[0].marketplace,
            "country": offers[0].country,
            "ids": [offer.external_id for offer in offers],
            "watermark": watermark,
        }
        async with self._turn:
            rows = await asyncio.to_thread(self._query, _LATEST, asked)
        names = ("availability", *ALWAYS, *WHERE_SAID)
        before = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
        return {
            offer.external_id
            for offer in offers
            if offer.external_id in before and not differs(offer, before[offer.external_id])
        }

    def _query(self, statement: str, values: dict[str, Any]) -> list[Any]:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._open()
                self._connection.autocommit = True
                with self._connection.cursor() as cursor:
                    cursor.execute(_PATIENCE)
            with self._connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        except psycopg2.Error as error:
            log.warning("What is known cannot be asked, the crawl walks on: %s", str(error).strip())
            self.close()
            return []

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None


def is_settled(renewed_at: str | None, last_served: datetime, now: datetime) -> bool:
    """Whether a listing stood where it stands when the last crawl passed: it was not renewed between then and now.

    Listings come in the order of their renewal: behind one that has not moved since nothing else has. A time that
    cannot be read, or lies in the future, says nothing.
    """
    try:
        renewed = datetime.fromisoformat(renewed_at) if renewed_at else None
    except ValueError:
        return True
    if renewed is None or renewed.tzinfo is None:
        return True
    return not last_served <= renewed <= now


def differs(offer: Offer, before: Said) -> bool:
    """Whether an offer says something else than an observation, by the rule of the log (`docs/ARCHITECTURE.md`)."""
    if any(getattr(offer, name) != before[name] for name in ALWAYS):
        return True
    if offer.availability not in ("unknown", before["availability"]):
        return True
    said = ((getattr(offer, name), before[name]) for name in WHERE_SAID)
    return any(now is not None and now != earlier for now, earlier in said)
