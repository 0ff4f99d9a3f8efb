"""Writes how a crawl ended, after comparing it with those before it. The caller commits."""

from __future__ import annotations

import os
import uuid

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from pipelines import health_sql as sql
from pipelines.health import RECENT, Figures, fallen
from pipelines.records import Batch, CrawlEnd, CrawlStart
from pipelines.reject import Reject
from pipelines.store import as_json, store_batch

_INCREMENTAL = "all known"


def close_crawl(cursor: Cursor, end: CrawlEnd, crawl: int) -> tuple[str, str | None, int, int, int]:
    """Writes how a crawl ended. Returns state, reason, offers, observations, rejects as they stand now.

    A finished crawl whose figures fell ends as failed, "layout changed?". What it says of gone listings is stored only
    if it finished, and kept among the rejects otherwise.
    """
    state, reason = end.state, end.reason
    if state == "finished" and not end.stats.get("layout_accepted"):
        falls = fallen(_figures(cursor, end, crawl), _before(cursor, end, crawl))
        if falls:
            state, reason = "failed", "; ".join(["layout changed? " + ", ".join(falls), *([reason] if reason else [])])
    if state == "failed" and end.kept:
        reason = f"{reason}; see the page: {end.kept}"
    _store_gone(cursor, end, crawl, state == "finished")
    values = {
        "crawl_id": crawl,
        "state": state,
        "reason": reason,
        "complete": end.complete and state == "finished",
        "stats": as_json(end.stats),
        "coverage": as_json(end.coverage),
    }
    told = {name: getattr(end, name) for name in ("finished_at", "pages", "served_at")}
    cursor.execute(sql.CLOSE_CRAWL, values | told)
    return cursor.fetchone()  # type: ignore[return-value]


def _figures(cursor: Cursor, end: CrawlEnd, crawl: int) -> Figures:
    cursor.execute(sql.OFFERS_OF_CRAWL, {"crawl_id": crawl})
    row = cursor.fetchone()
    assert row is not None
    cut = str(end.stats.get("cut") or "")
    return Figures(row[0], end.pages, end.coverage, whole=not cut.startswith(_INCREMENTAL))


def _before(cursor: Cursor, end: CrawlEnd, crawl: int) -> list[Figures]:
    limit = as_json(end.stats["page_limit"]) if "page_limit" in end.stats else None
    cursor.execute(sql.RECENT_CRAWLS, {"crawl_id": crawl, "page_limit": limit, "most": RECENT})
    return [
        Figures(offers, pages, coverage, whole=not cut.startswith(_INCREMENTAL))
        for offers, pages, coverage, cut in cursor.fetchall()
    ]


def _store_gone(cursor: Cursor, end: CrawlEnd, crawl: int, believed: bool) -> None:
    if not end.gone:
        return
    gone = end.gone if believed else []
    rejects = [
        Reject(url=word.url, reason=f"gone/not_believed: the crawl failed; {word.reason}", raw={})
        for word in end.gone
        if not believed
    ]
    batch_id = str(uuid.uuid5(uuid.UUID(end.crawl.run), "gone"))
    batch = Batch(id=batch_id, crawl=end.crawl, offers=[], rejects=rejects, first_sightings=0, gone=gone)
    store_batch(cursor, batch, crawl)


def mark_interrupted(cursor: Cursor, crawl: CrawlStart) -> int:
    """Fails the crawls of the same spider on this machine whose process is no more. Returns how many."""
    cursor.execute(sql.RUNNING_CRAWLS, {"spider": crawl.spider, "host": crawl.host, "run": crawl.run})
    dead = [row[0] for row in cursor.fetchall() if not _is_alive(row[1])]
    for interrupted in dead:
        cursor.execute(sql.INTERRUPT_CRAWL, {"crawl_id": interrupted})
    return len(dead)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
