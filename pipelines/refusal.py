"""What PostgreSQL refuses to take of a crawl: said in the crawl's row, which then is not complete."""

from __future__ import annotations

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from pipelines import store_sql as sql
from pipelines.documents import as_json, plain_text
from pipelines.records import Batch, Record


def note(cursor: Cursor, crawl: int, record: Record, error: str, again: bool, aside: str | None) -> None:
    """Writes that a record was refused; the caller commits.

    Args:
        again: it was refused before.
        aside: the file that it lies in from now on, if it is not tried again: then a rejected item names it.
    """
    words = plain_text(error).splitlines()[0]
    what = _described(record)
    reason = f"{what} set aside in {aside}: {words}" if aside else f"{what} refused by PostgreSQL: {words}"
    if aside or not again:
        cursor.execute(sql.NOTE_REFUSED, {"crawl_id": crawl, "more": int(not again), "reason": reason})
    if aside:
        raw = as_json({"file": aside, "what": what})
        cursor.execute(
            sql.SET_ASIDE, {"crawl_id": crawl, "reason": f"batch/refused: {words}", "raw": raw, "file": aside}
        )


def take_back(cursor: Cursor, crawl: int) -> None:
    """Writes that a record which was refused is stored after all: a crawl that runs still may yet be complete."""
    cursor.execute(sql.TAKE_BACK_REFUSED, {"crawl_id": crawl})


def _described(record: Record) -> str:
    if isinstance(record, Batch):
        return f"{len(record.offers)} offers and {len(record.rejects)} rejects"
    return "the end of the crawl"
