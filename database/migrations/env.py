"""Runs migrations under an advisory lock, with lock and statement timeouts, one transaction for all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from database import create_engine, url
from database.tables import metadata

LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "300s"
ONE_AT_A_TIME = 0x48414E4F5554


def include(name: str | None, kind: str, _parents: object) -> bool:
    """Autogenerate looks at our schemas only: dbt owns marts."""
    return kind != "schema" or name in ("market", "agent", "shop", "books")


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=include,
        version_table_schema="public",
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        context.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'")
        context.execute(f"select pg_advisory_xact_lock({ONE_AT_A_TIME})")
        context.run_migrations()


if given := context.config.attributes.get("connection"):
    run(given)
else:
    engine = create_engine(context.config.attributes.get("url") or url())
    with engine.connect() as opened:
        run(opened)
        opened.commit()
    engine.dispose()
