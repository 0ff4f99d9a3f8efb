"""Stores records in one transaction each. Knows SQL and the log's rule, neither Scrapy nor the spool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from pipelines import store_sql as sql
from pipelines.copy_rows import Lines, described, digest, encoded, instant, key, named, said
from pipelines.documents import as_json, plain_text
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.records import Batch, CrawlStart
from pipelines.reject import Reject


class Unwritable(ValueError):
    """An offer that cannot be made a line of: one of its values is of no kind that it may be."""


_OF_ONE_OFFER = (
    Unwritable,
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
    stats = {name: values[name] for name in ("run", "host", "pid", "process_started")}
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
    if not _claimed(cursor, batch.id, crawl):
        return Stored()
    cursor.execute(sql.CREATE_INCOMING)
    rejects = list(batch.rejects)
    observations = _store_part(cursor, batch.offers, crawl, rejects)
    refused = len(rejects) - len(batch.rejects)
    _store_rejects(cursor, rejects, crawl)
    return _counted(cursor, Stored(max(batch.first_sightings - refused, 0), observations, len(rejects)), crawl)


def store_gone(cursor: Cursor, claim: str, gone: list[Gone], crawl: int) -> Stored:
    """Stores the words of listings that are gone, by the same rule; the caller commits.

    Args:
        claim: a UUID; what is sent again under it has been stored.
    """
    if not _claimed(cursor, claim, crawl):
        return Stored()
    cursor.execute(sql.CREATE_INCOMING)
    cursor.execute(sql.TAKE_TURN)
    words = [asdict(word) | {"ordinal": ordinal, "external_id": _named(word)} for ordinal, word in enumerate(gone)]
    cursor.execute(sql.FIND_GONE, {"gone": as_json(words)})
    (unknown,) = cursor.fetchone()  # type: ignore[misc]
    cursor.execute(sql.JOIN_BY_INDEX)  # not before: addresses have no index
    cursor.execute(sql.STORE_SAID, {"crawl_id": crawl})
    return _counted(cursor, Stored(observations=cursor.rowcount, gone_unknown=unknown), crawl)


def _named(word: Gone) -> str | None:
    return None if word.external_id is None else named(word.external_id)


def _claimed(cursor: Cursor, claim: str, crawl: int) -> bool:
    cursor.execute(sql.CLAIM_BATCH, {"id": claim, "crawl_id": crawl})
    return cursor.rowcount == 1


def _counted(cursor: Cursor, stored: Stored, crawl: int) -> Stored:
    cursor.execute(sql.COUNT_BATCH, asdict(stored) | {"crawl_id": crawl})
    return stored


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
    _copy(cursor, sql.COPY_INCOMING, Lines(_incoming(offers, descriptions)))
    cursor.execute(f"{sql.JOIN_BY_INDEX}; {sql.TAKE_TURN}")
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


def _copy(cursor: Cursor, statement: str, lines: Lines) -> None:
    try:
        cursor.copy_expert(statement, lines)
    except psycopg2.errors.QueryCanceled as error:
        if lines.error is None:
            raise
        raise Unwritable(f"{type(lines.error).__name__}: {lines.error}") from error


def _incoming(offers: list[Offer], descriptions: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """Lines of what the offers say now; how each describes its listing is kept in `descriptions`."""
    for n, offer in enumerate(offers):
        description = encoded(f"{described(offer)}\n")
        digested = digest(description)
        descriptions.append((digested, description))
        yield encoded(f"{n}\t{said(offer)}\t{digested}\n")


def _store_rejects(cursor: Cursor, rejects: list[Reject], crawl: int) -> None:
    if rejects:
        rows = [
            (crawl, plain_text(item.url or "") or None, plain_text(item.reason), as_json(item.raw), item.rejected_at)
            for item in rejects
        ]
        execute_values(cursor, sql.INSERT_REJECTS, rows)
