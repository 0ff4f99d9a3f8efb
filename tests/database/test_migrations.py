from __future__ import annotations

import threading
import time

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import migrate
from tests import factories

pytestmark = pytest.mark.xdist_group("migrations")  # they alter a role, which two databases of a cluster cannot at once

COUNTS = ("market.listing", "market.observation", "market.crawl")


def test_migrations_run_down_and_up_on_data_and_leave_nothing_behind(database_url: str, work: Session) -> None:
    factories.observation(work, factories.listing(work), factories.crawl(work))
    work.commit()
    migrate.downgrade("base", database_url)
    left = work.scalars(
        sa.text(
            "select schema_name from information_schema.schemata where schema_name in ('market','agent','shop','books')"
        )
    ).all()
    assert left == []
    work.rollback()
    migrate.upgrade(database_url)
    factories.observation(work, factories.listing(work), factories.crawl(work))
    work.commit()
    assert work.scalar(sa.text("select count(*) from market.observation")) == 1


def test_upgrading_twice_changes_nothing_and_keeps_the_data(database_url: str, work: Session) -> None:
    factories.observation(work, factories.listing(work), factories.crawl(work))
    work.commit()
    migrate.upgrade(database_url)
    assert [work.scalar(sa.text(f"select count(*) from {table}")) for table in COUNTS] == [1, 1, 1]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_migration_tries_again_when_another_database_alters_the_same_role(database_url: str, way: str) -> None:
    revision = migrate.newest() if way == "up" else "0004"
    if way == "up":
        migrate.downgrade("0004", database_url)
        migration = threading.Thread(target=migrate.upgrade, args=[database_url])
    else:
        migration = threading.Thread(target=migrate.downgrade, args=[revision, database_url])
    other = psycopg2.connect(database_url)
    with other, other.cursor() as cursor:
        cursor.execute("alter role analyst connection limit 40")
        migration.start()
        migration.join(1)
        assert migration.is_alive(), "it did not wait for the role"
    other.close()
    migration.join(20)
    with psycopg2.connect(database_url) as reader, reader.cursor() as cursor:
        cursor.execute("select version_num from alembic_version")
        assert cursor.fetchone() == (revision,)
    reader.close()
    migrate.upgrade(database_url)


def test_a_migration_gives_up_rather_than_wait_for_a_lock(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = psycopg2.connect(database_url)
    reader.cursor().execute("lock table market.listing in access share mode")
    monkeypatch.setattr("time.sleep", time.sleep)
    begun = time.monotonic()
    with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
        migrate.downgrade("base", database_url)
    assert time.monotonic() - begun < 60
    reader.close()
    with database.session() as work:
        assert work.scalar(sa.text("select to_regclass('market.listing')")) is not None


def test_two_processes_may_migrate_at_the_same_time(postgres: str) -> None:
    with psycopg2.connect(postgres) as connection:
        pass
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("create database test_two_migrate")
    address = sa.make_url(postgres).set(database="test_two_migrate").render_as_string(hide_password=False)
    failures: list[BaseException] = []

    def upgrade() -> None:
        import subprocess
        import sys

        import config

        code = f"from database import migrate; migrate.upgrade({address!r})"
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code], cwd=config.ROOT, capture_output=True, text=True
        )
        if ended.returncode:
            failures.append(AssertionError(ended.stderr[-2000:]))

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute("drop database test_two_migrate with (force)")
    connection.close()
    assert failures == []


def test_the_analyst_reads_marts_and_nothing_else(work: Session) -> None:
    factories.create_marts(work)
    work.commit()
    work.execute(sa.text("set role analyst"))
    assert work.scalar(sa.text("select count(*) from marts.current_offers")) == 0
    for forbidden in ("market.observation", "market.listing", "agent.control", "shop.account"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), work.begin_nested():
            work.execute(sa.text(f"select * from {forbidden}"))
    with pytest.raises(sa.exc.DBAPIError, match=r"permission denied|read-only"), work.begin_nested():
        work.execute(sa.text("delete from marts.current_offers"))
    work.execute(sa.text("reset role"))
