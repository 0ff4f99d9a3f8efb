"""Processes that take turns: a lock that is given back by whoever is killed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

import database


@contextlib.contextmanager
def alone(name: str) -> Iterator[sa.Connection]:
    """Waits for the turn of that name, and gives a connection that holds it until the block ends, or the process."""
    key = {"key": f"channels:{name}"}
    with database.engine().connect() as connection:
        connection.execute(sa.text("select pg_advisory_lock(hashtextextended(:key, 0))"), key)
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(sa.text("select pg_advisory_unlock(hashtextextended(:key, 0))"), key)
            connection.commit()
