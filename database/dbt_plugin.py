"""What dbt-duckdb needs to know of Hanout: where the DuckDB file is, and Postgres attached to it as `pg`.

Named in `analytics_sql/profiles.yml`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import psycopg2
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from config import settings
from database.connection import libpq_dsn
from database.duckdb_postgres import attach

FILE = "analytics.duckdb"


def _migrate_if_behind(dsn: str) -> None:
    from database import migrate

    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select to_regclass('public.alembic_version') is not null")
            (known,) = cursor.fetchone() or (False,)
            if known:
                cursor.execute("select max(version_num) from public.alembic_version")
            (version,) = (cursor.fetchone() if known else None) or (None,)
    finally:
        connection.close()
    if version is None or version < migrate.newest():
        migrate.upgrade()


class Plugin(BasePlugin):
    """Puts the DuckDB file into DATA_DIR and attaches DATABASE_URL, or the embedded server, as `pg`."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Called before the file is opened."""
        folder = settings().data_dir
        folder.mkdir(parents=True, exist_ok=True)
        creds.path = str(folder / FILE)
        config["autoinstall_known_extensions"] = "false"
        config["memory_limit"] = settings().analytics_memory
        config["preserve_insertion_order"] = "false"

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called once, with the open file."""
        dsn = libpq_dsn()
        _migrate_if_behind(dsn)
        attach(conn, dsn)
