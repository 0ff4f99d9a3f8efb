"""Brings a database to the newest tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from psycopg2.errors import DeadlockDetected

from database.connection import url

TRIES = 5


def configuration(database_url: str) -> Config:
    """Alembic's configuration for `database_url`."""
    config = Config(Path(__file__).parent.parent / "alembic.ini")
    config.attributes["url"] = database_url
    return config


def newest() -> str:
    """The newest revision there is, such as "0005"."""
    return max(file.name[:4] for file in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))


def upgrade(database_url: str | None = None, revision: str = "head") -> None:
    """Migrates up to `revision`; without anything to do it returns in milliseconds."""
    _migrate(alembic.command.upgrade, database_url, revision)


def downgrade(revision: str, database_url: str | None = None) -> None:
    """Migrates down to `revision`; `base` removes everything but the marts."""
    _migrate(alembic.command.downgrade, database_url, revision)


def _migrate(command: Callable[[Config, str], None], database_url: str | None, revision: str) -> None:
    """Of two databases that alter the role analyst at once, which is the server's, one is refused and tries anew."""
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            command(configuration(database_url or url()), revision)
            return
        except (sa.exc.OperationalError, sa.exc.InternalError) as error:
            refused = isinstance(error.orig, DeadlockDetected) or "concurrently updated" in str(error.orig)
            if not refused or not tries_left:
                raise
            time.sleep(0.2)
