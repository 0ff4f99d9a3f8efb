"""Prompts on the database: psql, and DuckDB on the marts."""

from __future__ import annotations

import code
import contextlib
import importlib
import os
import shutil
import signal
import subprocess

import psycopg2.extensions

from database import analyst, server
from database.connection import libpq_dsn

GREETING = (
    """DuckDB on the marts, read only. sql("from current_offers limit 5"), sql("show all tables"); Ctrl-D ends it."""
)


def psql(arguments: list[str]) -> int:
    """psql as the app's role, or as the one of `-U`; its exit code."""
    place = psycopg2.extensions.parse_dsn(libpq_dsn())
    # A role named in the connection string would win over -U, and everybody would be the owner.
    account = {"PGUSER": place.pop("user", None), "PGPASSWORD": place.pop("password", None)}
    if any(argument.startswith(("-U", "--username")) for argument in arguments):
        account = {}
    environment = os.environ | {name: value for name, value in account.items() if value}
    program = shutil.which("psql") or str(server.binary("psql"))
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C cancels a query, which is psql's to do
    return subprocess.call([program, psycopg2.extensions.make_dsn(**place), *arguments], env=environment)


def duckdb(statements: list[str]) -> int:
    """Runs statements of DuckDB's SQL and prints what they give; without any, a Python prompt with `sql()`."""
    with analyst.duckdb_connection() as marts:
        for statement in statements:
            print(marts.sql(statement) or "")
        if not statements:
            with contextlib.suppress(ImportError):
                importlib.import_module("readline")
            code.interact(GREETING, local={"sql": marts.sql, "connection": marts}, exitmsg="")
    return 0
