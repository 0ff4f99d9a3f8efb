"""The marts as Parquet files, all of one moment: `python -m database export [FOLDER]`, `make export`.

DuckDB reads them over one connection, in one repeatable-read transaction whose first statement locks the marts against
replacement: a mart that dbt puts in the place of another is empty to whoever looked at the database before.
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psycopg2
import psycopg2.extensions
from rich.console import Console

from config import settings
from database import mart_catalog, parquet_folder
from database.connection import libpq_dsn
from database.copy_progress import CopyProgress
from database.duckdb_postgres import ALIAS, attach, literal
from database.mart_catalog import Column, Mart

MEMORY = "512MB"
SESSION = {
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "lock_timeout": "60s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}


class ExportError(RuntimeError):
    """The export was not made, and the one before is as it was; the text says why and what to do."""


@dataclass(frozen=True)
class Exported:
    """A file that was written, with its rows and bytes."""

    mart: Mart
    file: str
    rows: int
    bytes: int

    def described(self) -> dict[str, object]:
        return {"file": self.file, "rows": self.rows, "bytes": self.bytes} | self.mart.described()


def run(folder: Path | None = None) -> None:
    """Exports with a progress bar and says what was made.

    Raises:
        ExportError: as `export`.
    """
    console = Console(soft_wrap=True)
    target = (folder or settings().data_dir / "export").resolve()
    exported = export(target, console)
    rows, size = sum(each.rows for each in exported), sum(each.bytes for each in exported)
    console.print(f"{len(exported)} marts, {rows:,} rows, {size / 1e6:,.1f} MB: {target}", highlight=False)


def export(folder: Path, console: Console | None = None) -> list[Exported]:
    """Writes every mart to `folder` as NAME.parquet (zstd, in the order of its key), and manifest.json.

    Each file takes the place of the old one whole, after all were written.

    Raises:
        ExportError: no mart is there, the folder cannot be written, the disk is full, another export is at it, or
            PostgreSQL does not answer.
    """
    with _explained(folder), parquet_folder.unfinished(folder) as unfinished:
        watching = psycopg2.connect(libpq_dsn())
        with contextlib.closing(watching), _reading(watching.server_version, unfinished) as connection:
            progress = CopyProgress(watching, console or Console(quiet=True))
            exported_at, written = _write_all(connection, unfinished, progress)
        described = {each.mart.name: each.described() for each in written}
        manifest = {"exported_at": exported_at.isoformat(), "marts": described}
        parquet_folder.publish(folder, [each.file for each in written], manifest)
        return written


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except parquet_folder.FolderTaken:
        raise ExportError(f"Another export to {folder} is under way.") from None
    except psycopg2.OperationalError as error:
        raise ExportError(f"PostgreSQL does not answer: {error}") from None
    except (OSError, duckdb.Error) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error)
        reason = "the disk is full: free space on it, or name another folder" if full else str(error)
        raise ExportError(f"Nothing was exported to {folder}: {reason}") from None


@contextlib.contextmanager
def _reading(server_version: int, unfinished: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    session = SESSION | ({"transaction_timeout": "0"} if server_version >= 170000 else {})
    given = psycopg2.extensions.parse_dsn(libpq_dsn()).get("options", "")
    options = " ".join([given, *(f"-c {name}={value}" for name, value in session.items())])
    with duckdb.connect(config={"autoinstall_known_extensions": "false", "memory_limit": MEMORY}) as connection:
        connection.execute(f"set temp_directory = {literal(str(unfinished / 'spill'))}; set TimeZone = 'UTC'")
        attach(connection, psycopg2.extensions.make_dsn(libpq_dsn(), options=options))
        yield connection


def _write_all(
    connection: duckdb.DuckDBPyConnection, unfinished: Path, progress: CopyProgress
) -> tuple[datetime, list[Exported]]:
    names = mart_catalog.names(connection)
    if not names:
        raise ExportError("There are no marts yet: run `dbt build --project-dir analytics_sql`, then export again.")
    connection.execute("begin")
    tables = ", ".join(f"marts.{_quoted(name)}" for name in names)
    connection.execute(f"call postgres_execute('{ALIAS}', {literal(f'lock table {tables} in access share mode')})")
    exported_at = datetime.now(UTC)
    marts = mart_catalog.marts(connection, names)
    (pid,) = connection.execute(f"from postgres_query('{ALIAS}', 'select pg_backend_pid()')").fetchone() or (0,)
    with progress.over(pid, {mart.name: mart.estimated_rows for mart in marts}):
        written = [_write(connection, mart, unfinished, exported_at, progress) for mart in marts]
    connection.execute("rollback")
    return exported_at, written


def _write(
    connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path, exported_at: datetime, progress: CopyProgress
) -> Exported:
    progress.begin(mart.name)
    path = folder / f"{mart.name}.parquet"
    columns = ", ".join(_read(column) for column in mart.columns)
    query = f"select {columns} from marts.{_quoted(mart.name)}"  # noqa: S608
    order = ", ".join(_quoted(name) for name in mart.key) or "all"
    written = connection.execute(
        f"copy (from postgres_query('{ALIAS}', {literal(query)}) order by {order}) to {literal(str(path))}"
        f" (format parquet, compression zstd, kv_metadata {_metadata(mart, exported_at)})"
    ).fetchone()
    return Exported(mart, path.name, written[0] if written else 0, path.stat().st_size)


def _read(column: Column) -> str:
    name = _quoted(column.name)
    # DuckDB would read a numeric without a scale as a floating point number.
    return f"{name}::numeric(38, 10) as {name}" if column.type == "numeric" else name


def _metadata(mart: Mart, exported_at: datetime) -> str:
    said = {"mart": mart.name, "exported_at": exported_at.isoformat()}
    said |= {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in mart.described().items()
        if value
    }
    return "{" + ", ".join(f"{name}: {literal(value)}" for name, value in said.items()) + "}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
