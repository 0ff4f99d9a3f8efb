"""Where the database is, and sessions on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import settings
from database import server


@lru_cache
def url() -> str:
    """libpq URL of the database: DATABASE_URL, else the embedded server, which is started if need be."""
    return settings().database_url or server.ensure(settings().data_dir)


def libpq_dsn() -> str:
    """The same place as `host=... dbname=...`, as DuckDB's ATTACH and psycopg2 take it."""
    import psycopg2.extensions

    return psycopg2.extensions.make_dsn(url().replace("postgresql+psycopg2://", "postgresql://", 1))


def create_engine(database_url: str, **options: Any) -> sa.Engine:
    """An engine on psycopg2 whose connections speak UTC and are checked before use."""
    address = sa.make_url(database_url).set(drivername="postgresql+psycopg2")
    return sa.create_engine(
        address, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC", "connect_timeout": 10}, **options
    )


@lru_cache
def engine() -> sa.Engine:
    """The engine of this process. If the embedded server died meanwhile, the next connection starts it again."""
    made = create_engine(url())
    if not settings().database_url:
        sa.event.listen(made, "do_connect", _restart_embedded_server)
    return made


def _restart_embedded_server(dialect: Any, _: Any, arguments: Any, options: Any) -> Any:
    try:
        return dialect.connect(*arguments, **options)
    except psycopg2.OperationalError:
        server.ensure(settings().data_dir)
        return dialect.connect(*arguments, **options)


@contextlib.contextmanager
def session() -> Iterator[Session]:
    """A unit of work: rolls back unless `commit()` was called."""
    with Session(engine(), expire_on_commit=False) as work:
        yield work
