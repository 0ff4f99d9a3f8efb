"""Brings records to the database, over the spool when it is away. Blocking; one at a time."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from pipelines import closing, refusal, store
from pipelines.records import Batch, CrawlEnd, CrawlStart, Record
from pipelines.spool import Spool, refusals

log = logging.getLogger(__name__)

Result = TypeVar("Result")

NOT_MIGRATED = (
    psycopg2.errors.UndefinedTable,
    psycopg2.errors.InvalidSchemaName,
    psycopg2.errors.UndefinedColumn,
    psycopg2.errors.UndefinedFunction,
)
LONGEST_PAUSE = 30.0
_NOT_THE_RECORDS_FAULT = ("08", "53", "57P", "40", "55P03")
"""Connections, resources, a server that starts or stops, deadlocks, a lock that somebody holds for long."""


def is_away(error: Exception) -> bool:
    """Whether the server does not answer, or gave up for a reason of its own; anything else is the record's matter."""
    if isinstance(error, psycopg2.OperationalError) or type(error) is psycopg2.DatabaseError:
        return error.pgcode is None or error.pgcode.startswith(_NOT_THE_RECORDS_FAULT)
    return isinstance(error, psycopg2.InterfaceError)


class Delivery:
    """One connection, one spool.

    A record that PostgreSQL cannot take because it is away waits in the spool. One that it refuses waits there too, is
    tried again at most twice, and then set aside; its crawl is not complete from the first refusal on.

    Args:
        connect: opens a connection, raising psycopg2.OperationalError where the database is away.
        migrate: makes the tables of a database that has none.
        spool: where records wait.

    Attributes:
        verdicts: the state of each crawl, by its run, whose end was stored.
    """

    def __init__(self, connect: Callable[[], Connection], migrate: Callable[[], None], spool: Spool) -> None:
        self._open = connect
        self._migrate = migrate
        self.spool = spool
        self._connection: Connection | None = None
        self.verdicts: dict[str, str] = {}
        self._crawls: dict[str, int] = {}
        self._to_begin: CrawlStart | None = None
        self._turn = threading.Lock()
        self._not_before = 0.0
        self._pause = 0.5

    def begin(self, crawl: CrawlStart) -> None:
        """Stores what waits in the spool, opens the crawl's row, and fails rows whose process is gone.

        With the database away it only says so: the row is made with the first batch that can be stored.
        """
        if aside := self.spool.set_aside():
            log.warning("%d records that PostgreSQL refused lie in %s as .refused", len(aside), self.spool.folder)
        with self._turn:
            self._to_begin = crawl
            try:
                self._drain()
                self._begin()
            except psycopg2.Error as error:
                self._away(error)

    def _begin(self) -> None:
        """What begins a crawl, once: at its start, or with the first record after the database was away then."""
        crawl = self._to_begin
        if crawl is None:
            return

        def work(cursor: Cursor) -> int:
            store.crawl_id(cursor, crawl)
            return closing.mark_interrupted(cursor, crawl)

        try:
            interrupted = self._transact(work)
        except Exception as error:
            if is_away(error):
                raise
            log.error("How earlier crawls ended cannot be told: %s", _words(error))
            interrupted = 0
        self._to_begin = None
        if interrupted:
            log.warning("%d earlier crawls of %s were interrupted", interrupted, crawl.spider)

    def deliver(self, record: Record, last: bool = False) -> bool:
        """Stores a record after those that wait, or spools it. Returns whether it is in the database.

        Args:
            last: the crawl ends with it: the database is tried even shortly after it was found away, and the record is
                kept even if the spool is full.

        Raises:
            SpoolFull: the database does not take it and the spool has no room.
        """
        with self._turn:
            refused = False
            if last or time.monotonic() >= self._not_before:
                try:
                    self._drain()
                    self._begin()
                    refused = not self._try(record)
                except psycopg2.Error as error:
                    self._away(error)
                else:
                    if not refused:
                        return True
            self.spool.add(record, last, refused)
            return False

    def _drain(self) -> None:
        for path in self.spool.due():
            record = self.spool.read(path)
            if record is not None and self._try(record, path):
                self.spool.remove(path)
                log.info("Stored what had waited in %s", path.name)

    def _try(self, record: Record, path: Path | None = None) -> bool:
        """Stores a record. Returns whether it is stored; a refused one is renamed in the spool.

        Raises:
            psycopg2.Error: the database is away.
        """
        again = path is not None and refusals(path) > 0
        try:
            self._transact(functools.partial(self._store, record=record, again=again))
        except Exception as error:
            if is_away(error):
                raise
            traced = None if isinstance(error, psycopg2.Error) else error
            name = path.name if path else "what goes to the spool"
            log.error("PostgreSQL refuses %s of %s: %s", name, record.crawl.spider, _words(error), exc_info=traced)
            self._note_refused(record, _words(error), again, self.spool.after_refusal(path) if path else None)
            if path:
                self.spool.refuse(path)
            return False
        return True

    def _note_refused(self, record: Record, error: str, again: bool, renamed: Path | None) -> None:
        """Tells the crawl's row: PostgreSQL is there, it only does not take this."""
        aside = renamed.name if renamed and renamed.suffix == ".refused" else None

        def work(cursor: Cursor) -> None:
            refusal.note(cursor, store.crawl_id(cursor, record.crawl), record, error, again, aside)

        try:
            self._transact(work)
        except Exception as second:
            if is_away(second):
                raise
            log.error("That it was refused cannot be written either: %s", _words(second))

    def _store(self, cursor: Cursor, record: Record, again: bool) -> None:
        crawl = self._crawls.get(record.crawl.run) or store.crawl_id(cursor, record.crawl)
        if again:
            refusal.take_back(cursor, crawl)
        if isinstance(record, Batch):
            stored = store.store_batch(cursor, record, crawl)
            log.debug("Batch %s: %s", record.id, stored)
        else:
            self._close(cursor, record, crawl)
        self._crawls[record.crawl.run] = crawl

    def _close(self, cursor: Cursor, end: CrawlEnd, crawl: int) -> None:
        state, reason, offers, observations, rejects = closing.close_crawl(cursor, end, crawl)
        self.verdicts[end.crawl.run] = state
        level = logging.INFO if state == "finished" else logging.ERROR
        counts = f"{offers} offers, {observations} observations, {rejects} rejects"
        log.log(level, "Crawl %d of %s %s: %s; %s", crawl, end.crawl.spider, state, counts, reason or "no troubles")

    def _transact(self, work: Callable[[Cursor], Result]) -> Result:
        try:
            return self._once(work)
        except NOT_MIGRATED:
            with _or_away("its tables cannot be made"):
                self._migrate()
            return self._once(work)

    def _once(self, work: Callable[[Cursor], Result]) -> Result:
        if self._connection is None or self._connection.closed:
            with _or_away("no connection"):
                self._connection = self._open()
        known, verdicts = dict(self._crawls), dict(self.verdicts)
        try:
            with self._connection.cursor() as cursor:
                result = work(cursor)
            self._connection.commit()
        except BaseException:
            self._crawls, self.verdicts = known, verdicts
            with contextlib.suppress(psycopg2.Error):
                self._connection.rollback()
            raise
        self._pause = 0.5
        return result

    def _away(self, error: psycopg2.Error) -> None:
        self.disconnect()
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        log.error("PostgreSQL is away, offers go to %s: %s", self.spool.folder, _words(error))

    def disconnect(self) -> None:
        """Closes the connection; the next record opens another."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None


@contextlib.contextmanager
def _or_away(what: str) -> Iterator[None]:
    """What no record is to blame for is the same as a server that does not answer."""
    try:
        yield
    except psycopg2.OperationalError:
        raise
    except Exception as error:
        raise psycopg2.OperationalError(f"{what}: {_words(error)}") from error


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip()
