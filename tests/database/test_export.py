"""The marts as Parquet: every one, exactly, of one moment, whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import psycopg2
import psycopg2.extensions
import pytest
import sqlalchemy as sa
from rich.console import Console

import database
from database import analyst
from database.copy_progress import CopyProgress
from database.export import ExportError, export
from database.parquet_folder import MANIFEST
from tests import conftest
from tests.database.conftest import Built

DUCKDB_TYPES = {"text": "VARCHAR", "timestamp with time zone": "TIMESTAMP WITH TIME ZONE"}
COLUMNS = """
select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg2.extensions.cursor]:
    """The app's role on a database without marts; each statement by itself."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def parquet(path: Path, query: str = "select *") -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(f"{query} from '{path}'").fetchall()


def metadata(path: Path) -> dict[str, str]:
    return pl.read_parquet_metadata(path)


@pytest.mark.xdist_group("built")
def test_every_mart_there_is_becomes_a_file_with_its_rows_types_comments_and_order(
    built: Built, tmp_path: Path
) -> None:
    done = built.run(sys.executable, "-m", "database", "export", str(tmp_path))
    assert str(tmp_path) in done.stdout
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    with psycopg2.connect(built.url, options="-c timezone=UTC") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')"
        )
        names = {name for (name,) in cursor.fetchall()}
        filled = 0
        assert {path.stem for path in tmp_path.glob("*.parquet")} == names == set(manifest["marts"])
        for name in names:
            path, said = tmp_path / f"{name}.parquet", manifest["marts"][name]
            cursor.execute(COLUMNS, (f"marts.{name}",))
            columns = cursor.fetchall()
            assert [[c["name"], c["type"], c["description"]] for c in said["columns"]] == [list(c) for c in columns]
            described = {name: kind for name, kind, *_ in duckdb.sql(f"describe from '{path}'").fetchall()}
            assert described == {c: DUCKDB_TYPES.get(t, t.upper().replace("NUMERIC", "DECIMAL")) for c, t, _ in columns}
            assert said["grain"].startswith("One row per ")
            assert said["key"], "a mart has a unique index"
            cursor.execute(f"select * from marts.{name} order by {', '.join(said['key'])}")
            rows = cursor.fetchall()
            assert parquet(path) == rows
            filled += bool(rows)
            assert (said["rows"], said["bytes"], said["file"]) == (len(rows), path.stat().st_size, path.name)
            of_file = metadata(path)
            assert (of_file["grain"], json.loads(of_file["columns"])) == (said["grain"], said["columns"])
            assert of_file["exported_at"] == manifest["exported_at"]
    connection.close()
    assert filled >= 10
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".parquet") == [".lock", MANIFEST]


@pytest.mark.xdist_group("built")
def test_the_analyst_may_export_too(built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", analyst.url())
    conftest._forget_settings()
    assert database.url() == analyst.url()
    export(tmp_path / "new" / "folder")
    assert parquet(tmp_path / "new" / "folder" / "current_offers.parquet", "select count(*)") == [(30,)]


def test_odd_columns_names_and_comments_come_through(owner: psycopg2.extensions.cursor, tmp_path: Path) -> None:
    owner.execute("""
        create table marts."it's" (
            "a ""key"" x" int unique, n numeric, t text, j jsonb, a text[], at timestamp, ok boolean, f double precision
        );
        comment on table marts."it's" is 'One row per ''thing''; سعر';
        insert into marts."it's" values
            (2, 1234567890123456789.0123456789, '', '{"a": 1}', '{x,NULL}', '2026-01-01', true, 0.1),
            (1, null, null, null, null, null, null, null);
        create table marts.empty (n int);
        create view marts.seen as select 2 as b union select 1;
        create table marts.unfinished__dbt_tmp (n int);
    """)
    assert [each.file for each in export(tmp_path)] == ["empty.parquet", "it's.parquet", "seen.parquet"]
    frame = pl.read_parquet(tmp_path / "it's.parquet")
    assert frame['a "key" x'].to_list() == [1, 2]
    assert frame["n"].to_list() == [None, Decimal("1234567890123456789.0123456789")]
    assert frame["t"].to_list() == [None, ""]
    assert frame["a"].to_list() == [None, ["x", None]]
    assert metadata(tmp_path / "it's.parquet")["grain"] == "One row per 'thing'; سعر"
    assert pl.read_parquet(tmp_path / "empty.parquet").shape == (0, 1)
    assert parquet(tmp_path / "seen.parquet") == [(1,), (2,)]


REPLACE = """
set lock_timeout = '100ms';
begin;
create table marts.first__dbt_tmp as select {n} as generation from generate_series(1, 20000);
create table marts.second__dbt_tmp as select {n} as generation from generate_series(1, 20000);
drop table if exists marts.first, marts.second;
alter table marts.first__dbt_tmp rename to first;
alter table marts.second__dbt_tmp rename to second;
commit;
"""


def test_all_files_are_of_one_moment_while_marts_are_replaced_and_whole_while_they_are_read(
    owner: psycopg2.extensions.cursor, database_url: str, tmp_path: Path
) -> None:
    owner.execute(REPLACE.format(n=0))
    export(tmp_path)
    ended = threading.Event()
    replaced, counted = [0], set()

    def replace() -> None:
        connection = psycopg2.connect(database_url)
        connection.autocommit = True
        while not ended.is_set():
            try:
                connection.cursor().execute(REPLACE.format(n=replaced[0] + 1))
                replaced[0] += 1
            except psycopg2.errors.LockNotAvailable:
                connection.cursor().execute("rollback")
        connection.close()

    def read() -> None:
        while not ended.is_set():
            counted.update(parquet(tmp_path / "first.parquet", "select count(*), count(distinct generation)"))

    threads = [threading.Thread(target=work) for work in (replace, read)]
    for thread in threads:
        thread.start()
    generations = []
    try:
        for _ in range(12):
            export(tmp_path)
            query = "select min(generation), max(generation), count(*)"
            first, second = (parquet(tmp_path / f"{name}.parquet", query) for name in ("first", "second"))
            assert first == second
            (((least, most, count),),) = (first,)
            assert (least, count) == (most, 20000)
            generations.append(least)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert len(set(generations)) > 1, "nothing was replaced meanwhile"
    assert counted == {(20000, 1)}


def test_a_bar_says_how_much_postgres_has_sent(owner: psycopg2.extensions.cursor, database_url: str) -> None:
    shown = io.StringIO()
    with contextlib.closing(psycopg2.connect(database_url)) as watching:
        progress = CopyProgress(watching, Console(file=shown, force_terminal=True, width=120))
        with progress.over(owner.connection.info.backend_pid, {"before": 100, "slow": 100}):
            progress.begin("before")
            progress.begin("slow")
            owner.copy_expert("copy (select pg_sleep(0.015) from generate_series(1, 100)) to stdout", io.StringIO())
    assert "reading slow, about 100 rows" in shown.getvalue()
    percents = {int(percent) for percent in re.findall(r"(\d+)%", shown.getvalue())}
    assert any(50 < percent < 100 for percent in percents)


def test_an_export_that_fails_midway_leaves_the_one_before(owner: psycopg2.extensions.cursor, tmp_path: Path) -> None:
    owner.execute("create table marts.a as select 1 as n; create table marts.b as select 1::numeric as n")
    export(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    owner.execute("update marts.a set n = 2; update marts.b set n = 1e35")
    with pytest.raises(ExportError, match="numeric field overflow"):
        export(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    owner.execute("update marts.b set n = 3")
    export(tmp_path)
    assert parquet(tmp_path / "a.parquet") == [(2,)]


def test_the_file_of_a_mart_that_is_gone_goes_too_and_what_is_not_ours_stays(
    owner: psycopg2.extensions.cursor, tmp_path: Path
) -> None:
    owner.execute("create table marts.old as select 1 as n; create table marts.kept as select 1 as n")
    export(tmp_path)
    (tmp_path / "mine.parquet").write_text("an analyst's own")
    (tmp_path / ".unfinished").mkdir()
    (tmp_path / ".unfinished" / "half.parquet").write_text("of an export that was killed")
    owner.execute("drop table marts.old")
    export(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "kept.parquet", MANIFEST, "mine.parquet"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 400 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_called_that_and_leaves_the_export_before(
    owner: psycopg2.extensions.cursor, small_disk: Path
) -> None:
    owner.execute("create table marts.a as select md5(n::text) as t from generate_series(1, 1000) as n")
    export(small_disk)
    owner.execute("insert into marts.a select md5(n::text) from generate_series(1, 100000) as n")
    with pytest.raises(ExportError, match=f"{small_disk}: the disk is full"):
        export(small_disk)
    assert parquet(small_disk / "a.parquet", "select count(*)") == [(1000,)]
    assert not (small_disk / ".unfinished").exists()


def test_without_marts_it_says_what_to_run(database_url: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "database", "export", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "There are no marts yet: run `dbt build --project-dir analytics_sql`, then export again.\n"
    assert not (tmp_path / MANIFEST).exists()


def test_a_folder_that_cannot_be_one_and_one_that_is_taken_are_named(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=f"Nothing was exported to {tmp_path}/file/below: "):
        export(tmp_path / "file" / "below")
    with (tmp_path / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ExportError, match=f"Another export to {tmp_path} is under way"):
            export(tmp_path)


def test_a_server_that_is_away_is_named_without_the_password(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    away = sa.URL.create("postgresql", "owner", "s3cret", "127.0.0.1", 1, "hanout").render_as_string(False)
    done = subprocess.run(
        [sys.executable, "-m", "database", "export", str(tmp_path)],
        env=os.environ | {"DATABASE_URL": away},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("PostgreSQL does not answer: ")
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr
