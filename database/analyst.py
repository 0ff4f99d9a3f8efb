"""The role `analyst`, which reads the marts and nothing else: its address, an engine, and DuckDB on the marts."""

from __future__ import annotations

import duckdb
import sqlalchemy as sa

from database import connection
from database.duckdb_postgres import ALIAS, attach

ROLE = "analyst"


def url(role: str = ROLE) -> str:
    """libpq URL of the database for `role`, without a password: libpq finds it in PGPASSWORD or in ~/.pgpass.

    The embedded server asks for none and runs as long as this process does.
    """
    place = sa.make_url(connection.url()).set(drivername="postgresql")
    if place.username != role:
        place = sa.URL.create("postgresql", role, None, place.host, place.port, place.database, place.query)
    return place.render_as_string(hide_password=False)


def engine() -> sa.Engine:
    """An engine whose sessions read the marts, named without their schema. Times are UTC."""
    return connection.create_engine(url())


def duckdb_connection() -> duckdb.DuckDBPyConnection:
    """DuckDB in memory with the marts attached read only: `from current_offers`, or in full `pg.marts.current_offers`.

    What is created lies in memory. Times are UTC.
    """
    opened = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    attach(opened, url(), "read_only", "schema 'marts'", "isolation_level 'read committed'")
    # By COPY, or in an older snapshot, a mart that is being replaced while it is asked for is empty. A select is not.
    opened.execute("set pg_use_ctid_scan = false; set pg_use_text_protocol = true; set TimeZone = 'UTC'")
    opened.execute(f"set search_path = 'memory.main,{ALIAS}.marts'")
    return opened
