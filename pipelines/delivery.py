"""Brings records to the database, over the spool when it is away. Blocking; one at a time."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from pipelines import closing, store
from pipelines.records import Batch, CrawlEnd, CrawlStart, Record
from pipelines.spool import Spool

log = logging.getLogger(__name__)

Result = TypeVar("Result")

AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)  # the server does not answer, or gave up
NOT_MIGRATED = (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName)
LONGEST_PAUSE = 30.0


class Delivery:
    """One connection, one spool.

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
        self._turn = threading.Lock()
        self._not_before = 0.0
        self._pause = 0.5

    def begin(self, crawl: CrawlStart) -> None:
        """Stores what waits in the spool, opens the crawl's row, and fails rows whose process is gone.

        With the database away it only says so: the row is made with the first batch that can be stored.
        """
        with self._turn:
            try:
                self._drain()
                interrupted = self._transact(lambda cursor: self._begin(cursor, crawl))
            except psycopg2.Error as error:
                self._failed(error)
                return
        if interrupted:
            log.warning("%d earlier crawls of %s were interrupted", interrupted, crawl.spider)

    def _begin(self, cursor: Cursor, crawl: CrawlStart) -> int:
        store.crawl_id(cursor, crawl)
        return closing.mark_interrupted(cursor, crawl)

    def deliver(self, record: Record, last: bool = False) -> bool:
        """Stores a record after those that wait, or spools it. Returns whether it is in the database.

        Args:
            last: the crawl ends with it: the database is tried even shortly after it was found away, and the record is
                kept even if the spool is full.

        Raises:
            SpoolFull: the database is away and the spool has no room.
        """
        with self._turn:
            if last or time.monotonic() >= self._not_before:
                try:
                    self._drain()
                    self._transact(lambda cursor: self._store(cursor, record))
                except psycopg2.Error as error:
                    self._failed(error)
                else:
                    return True
            self.spool.add(record, last)
            return False

    def _drain(self) -> None:
        for path in self.spool.pending():
            record = self.spool.read(path)
            if record is None:
                continue
            try:
                self._transact(functools.partial(self._store, record=record))
            except AWAY:
                raise
            except psycopg2.Error as error:
                log.error("%s stays in the spool, PostgreSQL refuses it: %s", path.name, str(error).strip())
                continue
            self.spool.remove(path)
            log.info("Stored what had waited in %s", path.name)

    def _store(self, cursor: Cursor, record: Record) -> None:
        crawl = self._crawls.get(record.crawl.run) or store.crawl_id(cursor, record.crawl)
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
            self._migrate()
            return self._once(work)

    def _once(self, work: Callable[[Cursor], Result]) -> Result:
        if self._connection is None or self._connection.closed:
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

    def _failed(self, error: Exception) -> None:
        self.disconnect()
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        what = "is away" if isinstance(error, AWAY) else "refuses"
        log.error("PostgreSQL %s, offers go to %s: %s", what, self.spool.folder, str(error).strip())

    def disconnect(self) -> None:
        """Closes the connection; the next record opens another."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None
