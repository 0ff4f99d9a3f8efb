"""The role analyst reads the marts, all of them, and nothing else: the catalog is walked, so that no new table slips
through, and what it may not do is tried, with its session's own defaults switched off."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator

import psycopg2
import psycopg2.extensions
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
from database import analyst, migrate
from tests import conftest, factories
from tests.database.analysts_page import Block, of

pytestmark = pytest.mark.xdist_group("migrations")  # they alter a role, which two databases of a cluster cannot at once

Cursor = psycopg2.extensions.cursor
RELATIONS = """
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
"""
WRITES = (
    "insert into marts.mine values (1)",
    "update marts.mine set n = 2",
    "delete from marts.mine",
    "truncate marts.mine",
    "drop table marts.mine",
    "alter table marts.mine add column m int",
    "comment on table marts.mine is 'x'",
    "do $$ begin lock table marts.mine in access exclusive mode; end $$",
    "create table marts.yours (n int)",
    "create view marts.yours as select 1",
    "create table public.yours (n int)",
    "create function public.yours() returns int language sql return 1",
    "create temporary table yours (n int)",
    "create schema yours",
    "create extension hstore",
    "create role yours",
    "create database yours",
    "select lo_from_bytea(0, 'x')",
    "select lo_create(0)",
    "select lo_open(lo_creat(-1), 131072)",
    "alter role analyst superuser",
    "alter role analyst set temp_file_limit = '-1'",
    "set session authorization postgres",
    "alter system set work_mem = '1GB'",
)
READS = (
    "select * from market.observation",
    "select count(*) from market.listing",
    "select password_hash from shop.account",
    "select * from shop.stock_on_hand",
    "select * from agent.control",
    "select * from public.alembic_version",
    "select * from pg_authid",
    "select pg_read_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "select lo_import('/etc/passwd')",
    "copy marts.mine to '/tmp/stolen'",
    "copy (select 1) to program 'cat > /tmp/stolen'",
    "select * from pg_ls_waldir()",
)


@pytest.fixture(scope="module")
def migrated(postgres: str) -> Iterator[str]:
    """URL of a database that was migrated, not copied: what a copy leaves out are the rights on the database itself."""
    name = f"test_analyst_{uuid.uuid4().hex[:8]}"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
        url = conftest._with_name(postgres, name)
        migrate.upgrade(url)
        with psycopg2.connect(url) as owner, owner.cursor() as work:
            work.execute("create table marts.mine as select 1 as n")
            work.execute("create view marts.seen as select count(*) as crawls from market.crawl")
        owner.close()
        yield url
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


@pytest.fixture
def owner(migrated: str) -> Iterator[Cursor]:
    connection = psycopg2.connect(migrated)
    yield connection.cursor()
    connection.close()


@pytest.fixture
def reader(migrated: str, configure: object) -> Iterator[Cursor]:
    """A session of the analyst, as its URL gives it; each statement by itself."""
    connection = psycopg2.connect(sa.make_url(migrated).set(username="analyst").render_as_string(hide_password=False))
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def rows(cursor: Cursor, query: str) -> list[tuple]:
    cursor.execute(query)
    return cursor.fetchall()


def test_of_all_relations_there_are_it_may_select_from_those_in_marts_and_no_others(owner: Cursor) -> None:
    found = rows(
        owner,
        "select n.nspname, c.oid::regclass::text, c.relkind, has_table_privilege('analyst', c.oid, 'select'),"
        f" has_any_column_privilege('analyst', c.oid, 'select') {RELATIONS} and c.relkind in ('r', 'p', 'v', 'm', 'f')",
    )
    assert {schema for schema, *_ in found} >= {"agent", "market", "marts", "public", "shop"}
    assert [name for schema, name, _, may, _ in found if may != (schema == "marts")] == []
    assert [name for schema, name, _, _, any_column in found if any_column != (schema == "marts")] == []


def test_it_may_change_no_relation_there_is(owner: Cursor) -> None:
    tables = "insert, update, delete, truncate, references, trigger"
    assert rows(
        owner,
        f"select c.oid::regclass {RELATIONS} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ("
        f" has_table_privilege('analyst', c.oid, '{tables}')"
        " or has_any_column_privilege('analyst', c.oid, 'insert, update, references'))",
    ) == []  # fmt: skip
    assert rows(
        owner,
        f"select c.oid::regclass {RELATIONS} and case c.relkind when 'S' then"
        " has_sequence_privilege('analyst', c.oid, 'usage, select, update') end",
    ) == []  # fmt: skip


def test_it_may_enter_marts_and_public_and_create_in_neither(owner: Cursor) -> None:
    entered = rows(
        owner,
        "select nspname, has_schema_privilege('analyst', oid, 'create') from pg_namespace"
        " where has_schema_privilege('analyst', oid, 'usage')"
        " and nspname not in ('pg_catalog', 'information_schema') order by 1",
    )
    assert entered == [("marts", False), ("public", False)]
    assert rows(owner, "select has_database_privilege('analyst', current_database(), 'create, temporary')") == [
        (False,)
    ]
    assert rows(owner, "select has_database_privilege('analyst', current_database(), 'connect')") == [(True,)]


def test_it_has_no_power_belongs_to_no_role_owns_nothing_and_borrows_no_function_of_another(owner: Cursor) -> None:
    powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
    assert rows(owner, f"select {', '.join(powers)} from pg_roles where rolname = 'analyst'") == [(False,) * 5]
    assert rows(owner, "select 1 from pg_auth_members where member = 'analyst'::regrole") == []
    assert rows(owner, "select 1 from pg_shdepend where refobjid = 'analyst'::regrole and deptype = 'o'") == []
    definers = (
        "select oid::regprocedure from pg_proc where prosecdef and has_function_privilege('analyst', oid, 'execute')"
    )
    assert rows(owner, definers) == []


@pytest.mark.parametrize("statement", [*WRITES, *READS])
def test_what_it_may_not_do_it_cannot_do_even_without_its_defaults(reader: Cursor, statement: str) -> None:
    reader.execute("set default_transaction_read_only = off; set statement_timeout = 0")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        reader.execute(statement)


def test_a_session_begins_read_only_in_marts_with_a_time_limit(reader: Cursor, owner: Cursor) -> None:
    names = ("default_transaction_read_only", "search_path", "statement_timeout", "idle_in_transaction_session_timeout")
    shown = [rows(reader, f"show {name}")[0][0] for name in names]
    assert shown == ["on", "marts", "50s", "50s"]
    if rows(owner, "select current_setting('server_version_num')::int >= 170000") == [(True,)]:
        assert rows(reader, "show transaction_timeout") == [("55s",)]
    reader.execute("set statement_timeout = '200ms'")
    with pytest.raises(psycopg2.errors.QueryCanceled):
        reader.execute("select pg_sleep(5)")


def test_it_reads_tables_and_views_and_a_mart_that_took_the_place_of_another(reader: Cursor, migrated: str) -> None:
    assert rows(reader, "select n from mine") == [(1,)]
    assert rows(reader, "select crawls from seen") == [(0,)]
    with psycopg2.connect(migrated) as connection, connection.cursor() as owner:
        owner.execute("create table marts.mine__dbt_tmp as select 2 as n")
        owner.execute("drop table marts.mine; alter table marts.mine__dbt_tmp rename to mine")
    connection.close()
    assert rows(reader, "select n from mine") == [(2,)]


def test_the_app_itself_may_still_make_temporary_tables(owner: Cursor) -> None:
    owner.execute("create temporary table ours (n int)")


def test_psql_as_the_analyst_is_the_analyst_and_else_the_app(database_url: str) -> None:
    for arguments, role in ((["-U", "analyst"], "analyst"), ([], sa.make_url(database_url).username)):
        command = [sys.executable, "-m", "database", "psql", *arguments, "-Atc", "select session_user"]
        done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=True)
        assert done.stdout == f"{role}\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://owner:secret@db.example:5433/hanout?sslmode=require",
         "postgresql://analyst@db.example:5433/hanout?sslmode=require"),
        ("postgresql+psycopg2://owner@/hanout?host=%2Ftmp%2Fx", "postgresql://analyst@/hanout?host=%2Ftmp%2Fx"),
        ("postgresql://analyst:own@db.example/hanout", "postgresql://analyst:own@db.example/hanout"),
    ],
)  # fmt: skip
def test_its_url_is_the_one_of_the_database_without_the_owners_password(
    given: str, expected: str, configure: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    conftest._forget_settings()
    assert analyst.url() == expected
    conftest._forget_settings()


@pytest.mark.parametrize("block", of("sql", owners=True))
def test_what_the_page_for_analysts_tells_the_owner_to_do_can_be_done(block: Block, work: Session) -> None:
    factories.create_marts(work)
    for statement in filter(str.strip, block.code.split(";")):
        work.execute(sa.text(statement))
    work.rollback()


def test_its_duckdb_and_its_engine_read_marts_and_write_nowhere_but_in_memory(work: Session) -> None:
    factories.create_marts(work)
    work.commit()
    with analyst.engine().connect() as connection:
        assert connection.scalar(sa.text("select count(*) from current_offers")) == 0
        assert connection.scalar(sa.text("select current_user")) == "analyst"
    connection.engine.dispose()
    with analyst.duckdb_connection() as marts:
        assert marts.sql("select count(*) from current_offers").fetchone() == (0,)
        marts.sql("create table mine as from current_offers")
        for statement in ("create table pg.marts.mine (n int)", "delete from pg.marts.current_offers"):
            with pytest.raises(Exception, match="read-only"):
                marts.sql(statement)
        with pytest.raises(Exception, match=r"does not exist|permission denied"):
            marts.sql("from postgres_query('pg', 'select * from market.listing')").fetchall()


REPLACE = """
begin;
create table marts.turned__dbt_tmp as
    select {n} as generation, cast(n / 3.0 as numeric(14, 2)) as price, timestamptz '2026-05-01 12:00:00.5+02' as at,
        '' as nothing, null::text as unknown, n % 2 = 0 as is_even, date '2026-05-01' as day
    from generate_series(1, 5000) as n;
drop table if exists marts.turned;
alter table marts.turned__dbt_tmp rename to turned;
commit
"""


def test_its_duckdb_never_sees_an_empty_mart_while_marts_are_replaced(database_url: str) -> None:
    owner = psycopg2.connect(database_url, options="-c timezone=UTC")
    owner.autocommit = True
    owner.cursor().execute(REPLACE.format(n=0))
    enough, replaced = threading.Event(), [0]

    def replace() -> None:
        while not enough.is_set():
            replaced[0] += 1
            owner.cursor().execute(REPLACE.format(n=replaced[0]))

    turning = threading.Thread(target=replace)
    turning.start()
    seen = set()
    try:
        with analyst.duckdb_connection() as marts:
            while turning.is_alive() and replaced[0] < 30:
                seen.add(marts.sql("select count(*), count(distinct generation) from turned").fetchone())
    finally:
        enough.set()
        turning.join()
    assert replaced[0] >= 30
    assert seen == {(5000, 1)}
    with analyst.duckdb_connection() as marts, owner.cursor() as cursor:
        cursor.execute("select * from marts.turned order by price, is_even")
        assert marts.sql("from turned order by price, is_even").fetchall() == cursor.fetchall()
    owner.close()
