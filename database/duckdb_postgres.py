"""DuckDB beside PostgreSQL: its postgres extension comes from a wheel, so nothing is downloaded."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import duckdb
from psycopg2.extensions import make_dsn, parse_dsn

ALIAS = "pg"


def postgres_extension() -> Path:
    """Path of DuckDB's postgres extension for the installed DuckDB.

    Raises:
        FileNotFoundError: the wheel holds no extension for this version of DuckDB.
    """
    wheel = Path(str(files("duckdb_extension_postgres_scanner")))
    path = wheel / "extensions" / f"v{duckdb.__version__}" / "postgres_scanner.duckdb_extension"
    if not path.exists():
        raise FileNotFoundError(f"duckdb-extension-postgres-scanner does not match DuckDB {duckdb.__version__}: {path}")
    return path


def attach(connection: duckdb.DuckDBPyConnection, dsn: str, *options: str) -> None:
    """Attaches the database at `dsn` (libpq keywords or URL) to DuckDB as `pg`, with options of ATTACH.

    Raises:
        duckdb.IOException: PostgreSQL does not answer; the text names the place and no password.
    """
    connection.execute(f"load {literal(str(postgres_extension()))}")
    try:
        connection.execute(f"attach {literal(dsn)} as {ALIAS} ({', '.join(['type postgres', *options])})")
    except duckdb.IOException as error:
        place = parse_dsn(dsn) | {"password": None}
        raise duckdb.IOException(str(error).replace(dsn, make_dsn(**place))) from None


def literal(text: str) -> str:
    """`text` as a string of DuckDB's or PostgreSQL's SQL."""
    return "'" + text.replace("'", "''") + "'"
