"""Stores records in one transaction each. Knows SQL and the log's rule, neither Scrapy nor the spool."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from pipelines import store_sql as sql
from pipelines.copy_rows import Lines, described, digest, encoded, instant, key, said
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.records import Batch, CrawlStart
from pipelines.reject import Reject
from pipelines.rounds import rounds

_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")

_OF_ONE_OFFER = (
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.errors.CardinalityViolation,
    psycopg2.errors.ProgramLimitExceeded,
)
"""What an offer brings about, and waiting does not mend; psycopg2 counts the last one among the operational errors."""


@dataclass(frozen=True)
class Stored:
    """What one batch brought; all zero for a batch that had been stored before."""

    offers: int = 0
    observations: int = 0
    rejects: int = 0
    gone_unknown: int = 0


def crawl_id(cursor: Cursor, crawl: CrawlStart) -> int:
    """The id of a crawl's row, which is made if PostgreSQL was away when the crawl began."""
    cursor.execute("select pg_advisory_xact_lock(hashtext('market.crawl'), hashtext(%(run)s))", {"run": crawl.run})
    cursor.execute(sql.FIND_CRAWL, {"run": crawl.run})
    if found := cursor.fetchone():
        return int(found[0])
    values = asdict(crawl)
    stats = {"run": crawl.run, "host": crawl.host, "pid": crawl.pid}
    cursor.execute(sql.OPEN_CRAWL, values | {"arguments": as_json(crawl.arguments), "stats": as_json(stats)})
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def store_batch(cursor: Cursor, batch: Batch, crawl: int) -> Stored:
    """Stores a batch under the rule of the log; the caller commits.

    An offer that only the database refuses becomes a reject, so that one bad row cannot hold up its batch.

    Raises:
        psycopg2.OperationalError, psycopg2.InterfaceError: the database is away.
    """
    cursor.execute(sql.CLAIM_BATCH, {"id": batch.id, "crawl_id": crawl})
    if cursor.rowcount == 0:
        return Stored()
    cursor.execute(sql.CREATE_INCOMING)
    rejects = list(batch.rejects)
    observations = unknown = 0
    for number, (offers, gone) in enumerate(rounds(batch.offers, batch.gone)):
        if number:
            cursor.execute(sql.EMPTY_INCOMING)
        observations += _store_part(cursor, offers, crawl, rejects)
        stored, not_found = _store_gone(cursor, gone, crawl)
        observations, unknown = observations + stored, unknown + not_found
    refused = len(rejects) - len(batch.rejects)
    _store_rejects(cursor, rejects, crawl)
    result = Stored(max(batch.first_sightings - refused, 0), observations, len(rejects), unknown)
    cursor.execute(sql.COUNT_BATCH, asdict(result) | {"crawl_id": crawl})
    return result


def _store_part(cursor: Cursor, offers: list[Offer], crawl: int, rejects: list[Reject]) -> int:
    """Returns how many observations were stored. What the database refuses becomes a reject."""
    if not offers:
        return 0
    cursor.execute("savepoint offers")
    try:
        observations = _store_offers(cursor, offers, crawl)
    except _OF_ONE_OFFER as error:
        cursor.execute("rollback to savepoint offers")
        if len(offers) == 1:
            reason = f"offer/refused_by_database: {str(error).splitlines()[0]}"
            rejects.append(Reject(url=offers[0].url, reason=reason, raw=asdict(offers[0])))
            return 0
        half = len(offers) // 2
        stored = _store_part(cursor, offers[:half], crawl, rejects)
        cursor.execute(sql.EMPTY_INCOMING)
        return stored + _store_part(cursor, offers[half:], crawl, rejects)
    cursor.execute("release savepoint offers")
    return observations


def _store_offers(cursor: Cursor, offers: list[Offer], crawl: int) -> int:
    descriptions: list[tuple[str, bytes]] = []
    cursor.copy_expert(sql.COPY_INCOMING, Lines(_incoming(offers, descriptions)))
    cursor.execute(sql.TAKE_TURN)
    cursor.execute(sql.FIND_LISTINGS)
    unseen, changed = [], []
    for n, listing_id, is_unseen in cursor.fetchall():
        moment, (digested, description) = instant(offers[n].observed_at), descriptions[n]
        if is_unseen:
            row = f"{listing_id}\t{key(offers[n])}\t{moment}\t{moment}\t{crawl}\t{digested}\t"
            unseen.append(encoded(row) + description)
        else:
            changed.append(encoded(f"{listing_id}\t{moment}\t{digested}\t") + description)
    if unseen:
        cursor.copy_expert(sql.COPY_LISTINGS, Lines(unseen))
    if changed:
        cursor.copy_expert(sql.COPY_DESCRIBED, Lines(changed))
        cursor.execute(sql.MERGE_DESCRIBED)
    cursor.execute(sql.STORE_SIGHTINGS, {"crawl_id": crawl})
    return cursor.rowcount


def _incoming(offers: list[Offer], descriptions: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """Lines of what the offers say now; how each describes its listing is kept in `descriptions`."""
    for n, offer in enumerate(offers):
        description = encoded(f"{described(offer)}\n")
        digested = digest(description)
        descriptions.append((digested, description))
        yield encoded(f"{n}\t{said(offer)}\t{digested}\n")


def _store_gone(cursor: Cursor, gone: list[Gone], crawl: int) -> tuple[int, int]:
    """Returns how many observations were stored, and how many words were of a listing that nobody knows."""
    if not gone:
        return 0, 0
    words = [
        {
            "ordinal": ordinal,
            "marketplace": word.marketplace,
            "country": word.country,
            "external_id": word.external_id,
            "url": word.url,
            "observed_at": word.observed_at,
        }
        for ordinal, word in enumerate(gone)
    ]
    cursor.execute(sql.STORE_GONE, {"gone": as_json(words), "crawl_id": crawl})
    observations, unknown = cursor.fetchone()  # type: ignore[misc]
    return int(observations), int(unknown)


def _store_rejects(cursor: Cursor, rejects: list[Reject], crawl: int) -> None:
    if rejects:
        rows = [(crawl, item.url, item.reason, as_json(item.raw), item.rejected_at) for item in rejects]
        execute_values(cursor, sql.INSERT_REJECTS, rows)


def as_json(value: Any) -> str:
    """A document as PostgreSQL's jsonb takes it."""
    # PostgreSQL's jsonb takes no NUL: its escape is taken out, an escaped backslash before the letters u0000 is not.
    document = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    return _NUL.sub(lambda found: found[1], document)
