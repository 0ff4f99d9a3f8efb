"""Processes that take turns: a lock that is given back by whoever is killed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

import database

LOCK_NOT_AVAILABLE = "55P03"


class Waited(Exception):
    """Another process has held the turn for longer than one would wait."""


@contextlib.contextmanager
def alone(name: str, patience: float | None = None) -> Iterator[sa.Connection]:
    """Waits for the turn of that name, and gives a connection that holds it until the block ends, or the process.

    Args:
        patience: seconds to wait at most; None: as long as it takes.

    Raises:
        Waited
    """
    key = {"key": f"channels:{name}"}
    with database.engine().connect() as connection:
        milliseconds = max(1, round(1000 * patience)) if patience is not None else 0
        connection.execute(sa.text(f"set local lock_timeout = {milliseconds}"))
        try:
            connection.execute(sa.text("select pg_advisory_lock(hashtextextended(:key, 0))"), key)
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "pgcode", None) != LOCK_NOT_AVAILABLE:
                raise
            raise Waited(f"{name}: somebody else has been at it for {patience} s") from None
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(sa.text("select pg_advisory_unlock(hashtextextended(:key, 0))"), key)
            connection.commit()
