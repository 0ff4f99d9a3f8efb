"""Writes how a crawl ended, after comparing it with those before it. The caller commits."""

from __future__ import annotations

import uuid
from typing import Any

import psutil
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from pipelines import health_sql as sql
from pipelines import store_sql
from pipelines.documents import as_json, plain_text
from pipelines.health import LISTED, LISTINGS, RECENT, Figures, compared
from pipelines.known import ALL_KNOWN
from pipelines.records import Batch, CrawlEnd, CrawlStart
from pipelines.reject import Reject
from pipelines.store import store_batch, store_gone

_CLOCK_MAY_BE_SET = 2.0
"""Seconds; when a process began is reckoned from the clock, which may be set meanwhile."""


def close_crawl(cursor: Cursor, end: CrawlEnd, crawl: int) -> tuple[str, str | None, int, int, int]:
    """Writes how a crawl ended. Returns state, reason, offers, observations, rejects as they stand now.

    A finished crawl whose figures fell ends as failed, "layout changed?"; what was usual and what fell go to its stats.
    A listing whose offer could not be used counts as seen; where nothing names it the crawl is not complete.
    What it says of gone listings is stored only if it finished, and kept among the rejects otherwise.
    """
    state, reason = end.state, end.reason
    beside = compared(_figures(cursor, end, crawl), _before(cursor, end, crawl))
    judged = state == "finished" and not end.stats.get("layout_accepted")
    fallen = beside.fallen if judged else {}
    if fallen:
        words = "layout changed? " + ", ".join(fallen.values())
        state, reason = "failed", "; ".join(filter(None, (words, reason)))
    if state == "failed" and end.kept:
        reason = f"{reason}; see the page: {end.kept}"
    refused = _refused(cursor, crawl)
    if refused:
        reason = "; ".join(filter(None, (f"PostgreSQL refuses {refused} of its batches", reason)))
    _store_gone(cursor, end, crawl, state == "finished")
    values = {
        "crawl_id": crawl,
        "state": state,
        "reason": None if reason is None else plain_text(reason),
        "complete": end.complete and state == "finished" and not refused,
        "stats": as_json(end.stats | {"usual": beside.usual, "fallen": list(fallen)}),
        "coverage": as_json(end.coverage),
    }
    told = {name: getattr(end, name) for name in ("finished_at", "pages", "served_at")}
    if end.served_at and state == "finished":
        cursor.execute(store_sql.TAKE_TURN)
        cursor.execute(sql.SEE_REJECTED, {"crawl_id": crawl, "served_at": end.served_at})
    cursor.execute(sql.CLOSE_CRAWL, values | told)
    return cursor.fetchone()  # type: ignore[return-value]


def _figures(cursor: Cursor, end: CrawlEnd, crawl: int) -> Figures:
    cursor.execute(sql.OFFERS_OF_CRAWL, {"crawl_id": crawl})
    row = cursor.fetchone()
    assert row is not None
    return _told(row[0], end.coverage, end.stats)


def _before(cursor: Cursor, end: CrawlEnd, crawl: int) -> list[Figures]:
    limit = as_json(end.stats["page_limit"]) if "page_limit" in end.stats else None
    cursor.execute(sql.RECENT_CRAWLS, {"crawl_id": crawl, "page_limit": limit, "most": RECENT})
    return [_told(*row) for row in cursor.fetchall()]


def _told(offers: int, coverage: dict[str, float], stats: dict[str, Any]) -> Figures:
    return Figures(offers, stats.get(LISTINGS, 0), stats.get(LISTED, 0), coverage, whole=ALL_KNOWN not in stats)


def _store_gone(cursor: Cursor, end: CrawlEnd, crawl: int, believed: bool) -> None:
    if not end.gone:
        return
    claim = str(uuid.uuid5(uuid.UUID(end.crawl.run), "gone"))
    if believed:
        store_gone(cursor, claim, end.gone, crawl)
        return
    rejects = [
        Reject(url=word.url, reason=f"gone/not_believed: the crawl failed; {word.reason}", raw={}) for word in end.gone
    ]
    store_batch(cursor, Batch(id=claim, crawl=end.crawl, offers=[], rejects=rejects, first_sightings=0), crawl)


def _refused(cursor: Cursor, crawl: int) -> int:
    cursor.execute(store_sql.REFUSED_OF_CRAWL, {"crawl_id": crawl})
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def mark_interrupted(cursor: Cursor, crawl: CrawlStart) -> int:
    """Fails the crawls of the same spider on this machine whose process is no more. Returns how many."""
    cursor.execute(store_sql.RUNNING_CRAWLS, {"spider": crawl.spider, "host": crawl.host, "run": crawl.run})
    dead = [row[0] for row in cursor.fetchall() if not _is_alive(row[1], row[2])]
    for interrupted in dead:
        cursor.execute(sql.INTERRUPT_CRAWL, {"crawl_id": interrupted})
    return len(dead)


def process_started(pid: int) -> float:
    """When a process began, in seconds since 1970.

    Raises:
        psutil.Error: there is none.
    """
    return float(psutil.Process(pid).create_time())


def _is_alive(pid: int, started: float | None) -> bool:
    """Whether the process still runs: in a container that starts again the same number is another process."""
    try:
        same = started is None or abs(process_started(pid) - started) < _CLOCK_MAY_BE_SET
        return same and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
