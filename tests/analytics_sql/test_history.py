"""The DuckDB file is a copy: losing it, or finding it old, changes no mart."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import dbt_plugin, market, marts
from tests.analytics_sql.conftest import MODELS_ONLY, Dbt
from tests.analytics_sql.market_rows import NOW, days_ago, small_market
from tests.factories import crawl, observation

Rows = dict[str, list[tuple]]


def all_marts(work: Session) -> Rows:
    work.rollback()
    found = {
        table.name: [tuple(row) for row in work.execute(sa.select(table).order_by(*list(table.columns)[:2]))]
        for table in marts.metadata.sorted_tables
    }
    work.rollback()
    return found


def offers(work: Session) -> list[tuple]:
    work.rollback()
    found = [tuple(row) for row in work.execute(sa.select(marts.current_offers).order_by("listing_id"))]
    work.rollback()
    return found


def stored_ids(data_dir: Path) -> list[int]:
    with duckdb.connect(str(data_dir / dbt_plugin.FILE), read_only=True) as file:
        return [
            row[0] for row in file.execute("select observation_id from staging.stg_observations order by 1").fetchall()
        ]


def test_a_second_run_reads_what_is_new_and_late_and_a_lost_file_changes_nothing(
    work: Session, dbt: Dbt, tmp_path: Path
) -> None:
    listings = small_market(work)
    work.commit()
    dbt(*MODELS_ONLY)
    before = all_marts(work)

    by = crawl(work)
    observation(work, listings["bag"], by, observed_at=days_ago(5), price=Decimal(2500), rating_count=100)
    observation(work, listings["bag"], by, observed_at=NOW, price=Decimal(2800), rating_count=115)
    work.commit()
    dbt(*MODELS_ONLY)
    incremental = all_marts(work)
    assert incremental != before
    days = [row for row in incremental["price_history_daily"] if row[0] == listings["bag"].id]
    assert [row[7] for row in days] == [2500, 2500, 2500, 2500, 3000, 2800]

    (tmp_path / dbt_plugin.FILE).unlink()
    dbt(*MODELS_ONLY)
    assert all_marts(work) == incremental
    dbt(*MODELS_ONLY, "--full-refresh")
    assert all_marts(work) == incremental


def test_an_observation_that_commits_after_larger_ids_is_not_lost(work: Session, dbt: Dbt, tmp_path: Path) -> None:
    listings = small_market(work)
    work.commit()
    slow = Session(database.engine())
    late = observation(slow, slow.get_one(market.Listing, listings["bag"].id), crawl(slow), observed_at=days_ago(0.5))
    observation(work, listings["bag"], crawl(work), observed_at=days_ago(0.2))
    work.commit()
    dbt("run", "--select", "stg_observations")
    assert late.id not in stored_ids(tmp_path)
    slow.commit()
    dbt("run", "--select", "stg_observations")
    ids = stored_ids(tmp_path)
    assert late.id in ids
    assert len(ids) == len(set(ids)) == work.scalar(sa.select(sa.func.count()).select_from(market.Observation))
    slow.close()


def test_the_file_of_another_database_is_read_anew(work: Session, dbt: Dbt, tmp_path: Path) -> None:
    small_market(work)
    work.commit()
    dbt(*MODELS_ONLY, "--select", "+current_offers")
    with duckdb.connect(str(tmp_path / dbt_plugin.FILE)) as file:
        file.execute("update staging.stg_observations set observed_at = observed_at - interval 1 year, price = 1")
    assert "not of this database" in dbt(*MODELS_ONLY, "--select", "+current_offers")
    assert work.scalar(sa.select(sa.func.min(marts.current_offers.c.price))) == Decimal("1899.99")


def test_postgres_is_asked_for_rows_above_the_watermark_alone(work: Session, dbt: Dbt) -> None:
    small_market(work)
    work.commit()
    dbt("run", "--select", "stg_observations")
    newest = work.scalar(sa.select(sa.func.max(market.Observation.id)))
    name = work.scalar(sa.text("select current_database()"))
    work.execute(sa.text(f"alter database {name} set log_statement = 'all'"))
    work.commit()
    dbt("run", "--select", "stg_observations", "--vars", "observation_lookback: 2")
    received = work.scalar(sa.text("select pg_read_file('log')")) or ""
    scans = [line for line in received.splitlines() if f"\"id\" > '{newest - 2}'" in line]
    assert scans
    assert all('COPY (SELECT "id", "listing_id", ' in line and 'FROM "market"."observation"' in line for line in scans)


def test_readers_never_see_an_empty_or_half_mart_while_it_is_replaced(work: Session, dbt: Dbt) -> None:
    small_market(work)
    work.execute(
        sa.text(
            "insert into market.listing (marketplace, country, external_id, url, title, first_seen_at, last_seen_at)"
            " select 'jumia', 'dz', 'N' || n, 'https://x', 'x', :now, :now from generate_series(1, 20000) as n;"
            " insert into market.observation (listing_id, crawl_id, observed_at, price, currency, price_kind)"
            " select l.id, (select min(id) from market.crawl), :now, 100, 'DZD', 'fixed'"
            " from market.listing as l where external_id like 'N%'"
        ),
        {"now": NOW},
    )
    work.commit()
    dbt(*MODELS_ONLY)
    whole = {name: len(rows) for name, rows in all_marts(work).items()}
    assert whole["current_offers"] == 20_005

    work.execute(
        sa.text(
            "insert into market.observation (listing_id, crawl_id, observed_at, price, currency, price_kind)"
            " select listing_id, crawl_id, observed_at + interval '1 day', 90, 'DZD', 'fixed'"
            " from market.observation where price = 100"
        )
    )
    work.commit()

    stop, seen, oids = threading.Event(), {name: set[int]() for name in whole}, {name: set[int]() for name in whole}

    def read() -> None:
        connection = psycopg2.connect(database.libpq_dsn())
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not stop.wait(0.01):
                for name in whole:
                    cursor.execute(f"select count(*), 'marts.{name}'::regclass::bigint from marts.{name}")
                    count, oid = cursor.fetchone() or (0, 0)
                    seen[name].add(count)
                    oids[name].add(oid)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        dbt(*MODELS_ONLY)
        dbt(*MODELS_ONLY)
    finally:
        stop.set()
        reader.join()
    changed = {name: len(rows) for name, rows in all_marts(work).items()}
    assert changed["price_history_daily"] - whole["price_history_daily"] == 20_000
    assert seen == {name: {count, changed[name]} for name, count in whole.items()}
    assert len(oids.pop("price_history_daily")) == 1, "the mart that is written by its changes was written whole"
    assert all(len(tables) == 3 for tables in oids.values()), "the readers did not live through both replacements"


REFUSE_THE_SWAP = """
create function public.refuse_swap() returns event_trigger language plpgsql as $$
begin
    if to_regclass('marts.current_offers') is not null and to_regclass('marts.current_offers__dbt_tmp') is null then
        raise exception 'the swap is refused';
    end if;
end $$;
create event trigger refuse_swap on ddl_command_end when tag in ('ALTER TABLE') execute function public.refuse_swap();
"""


def test_a_mart_that_fails_at_its_last_step_leaves_the_old_one(work: Session, dbt: Dbt) -> None:
    listings = small_market(work)
    work.commit()
    dbt(*MODELS_ONLY, "--select", "+current_offers")
    before = offers(work)
    observation(work, listings["bag"], crawl(work), observed_at=NOW, price=Decimal(2800))
    work.execute(sa.text(REFUSE_THE_SWAP))
    work.commit()
    with pytest.raises(AssertionError, match="the swap is refused"):
        dbt(*MODELS_ONLY, "--select", "+current_offers")
    assert offers(work) == before
    work.execute(sa.text("drop event trigger refuse_swap"))
    work.commit()
    dbt(*MODELS_ONLY, "--select", "+current_offers")
    assert offers(work) != before
