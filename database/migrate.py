"""Brings a database to the newest tables."""

from __future__ import annotations

from pathlib import Path

import alembic.command
from alembic.config import Config

from database.connection import url


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
    alembic.command.upgrade(configuration(database_url or url()), revision)


def downgrade(revision: str, database_url: str | None = None) -> None:
    """Migrates down to `revision`; `base` removes everything but the marts."""
    alembic.command.downgrade(configuration(database_url or url()), revision)
