"""The dbt project on 1 million observations: DuckDB beside Postgres against the same models in Postgres alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import sqlalchemy as sa

import config
from benchmarks import Row
from database import migrate, server

LISTINGS = 20_000
DAYS = 50
DATABASE = "bench_dbt"
# Postgres gets the memory that a person would give it for such queries; its default of 4 MB would sort on disk.
POSTGRES = "work_mem = 128MB\nsynchronous_commit = off\n"

LISTINGS_SQL = """
insert into market.crawl (spider, marketplace, country, markets, state)
values ('bench', 'jumia', 'dz', 'demo', 'finished');
insert into market.listing
    (marketplace, country, external_id, url, title, brand, category_path, seller_kind, first_seen_at, last_seen_at)
select 'jumia', 'dz', 'B' || n, 'https://example.invalid/' || n, 'Produit ' || n || ' ' || md5(n::text),
    'Marque ' || n %% 300, array['Rayon ' || n %% 20, 'Famille ' || n %% 200], 'shop',
    timestamptz '2026-03-01Z', timestamptz '2026-05-01Z'
from generate_series(1, %(listings)s) as n;
"""
# Prices drift, ratings grow, a stock figure is there now and then, as crawls of listing pages bring them.
OBSERVATIONS_SQL = """
insert into market.observation
    (listing_id, crawl_id, observed_at, price, currency, old_price, price_kind, rating, rating_count, availability,
    stock_left, position)
select l.id, 1, timestamptz '2026-03-01Z' + day * interval '1 day' + (l.id %% 86000) * interval '1 second',
    1000 + l.id %% 5000 + (hashint8(l.id * 100 + day) %% 200), 'DZD', 8000, 'fixed',
    case when l.id %% 3 > 0 then 3 + (l.id %% 20) / 10.0 end, case when l.id %% 3 > 0 then day * (l.id %% 7) end,
    case when (l.id + day) %% 29 = 0 then 'out_of_stock' when day %% 5 = 0 then 'unknown' else 'in_stock' end,
    case when (l.id + day) %% 6 = 0 then 60 - day end, 1 + (l.id * 7 + day * 13) %% 2000
from market.listing as l cross join generate_series(%(first)s, %(last)s) as day
where l.id %% %(every)s = 0
order by day, l.id;
analyze market.observation;
"""


def _generate(address: str) -> None:
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(LISTINGS_SQL, {"listings": LISTINGS})
        cursor.execute(OBSERVATIONS_SQL, {"first": 0, "last": DAYS - 1, "every": 1})
    connection.close()


def _add_one_percent(address: str) -> None:
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(OBSERVATIONS_SQL, {"first": DAYS, "last": DAYS, "every": 2})
    connection.close()


@dataclass(frozen=True)
class Taken:
    """Seconds of a dbt command: from the command line to its end, and of its models alone."""

    whole: float
    models: float


def _dbt(target: str, folder: Path, address: str, *arguments: str) -> Taken:
    place = sa.make_url(address)
    environment = os.environ | {
        "DATABASE_URL": address,
        "DATA_DIR": str(folder),
        "PGHOST": str(place.query["host"]),
        "PGUSER": str(place.username),
        "PGDATABASE": str(place.database),
        "DBT_TARGET_PATH": str(folder / target),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    program = str(Path(sys.executable).with_name("dbt"))
    command = [program, "--quiet", *arguments, "--project-dir", "analytics_sql", "--target", target]
    start = time.perf_counter()
    subprocess.run(command, cwd=config.ROOT, env=environment, check=True)
    whole = time.perf_counter() - start
    return Taken(whole, json.loads((folder / target / "run_results.json").read_text())["elapsed_time"])


def _fresh_database(folder: Path) -> str:
    maintenance = server.ensure(folder, extra_settings=POSTGRES)
    connection = psycopg2.connect(maintenance)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {DATABASE} with (force)")
        cursor.execute(f"create database {DATABASE}")
    connection.close()
    address = sa.make_url(maintenance).set(database=DATABASE).render_as_string(hide_password=False)
    migrate.upgrade(address)
    return address


def run() -> list[Row]:
    """Times a first `dbt run`, and one after 1 % more rows, on both targets in one database."""
    folder = config.settings().data_dir / "bench_dbt"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        address = _fresh_database(folder)
        _generate(address)
        targets = ("duckdb", "postgres")
        for target in targets:
            _dbt(target, folder, address, "seed")
        first = {target: _dbt(target, folder, address, "run") for target in targets}
        _add_one_percent(address)
        second = {target: _dbt(target, folder, address, "run") for target in targets}
    finally:
        server.release(folder)
        shutil.rmtree(folder, ignore_errors=True)
    rows = f"{LISTINGS * DAYS:,} observations"
    return [
        _row(f"dbt run on {rows}: Postgres alone against DuckDB beside it", first),
        _row(f"dbt run after 1 % more: {rows}, Postgres alone against DuckDB beside it", second),
    ]


def _row(name: str, taken: dict[str, Taken]) -> Row:
    ours, other = taken["duckdb"], taken["postgres"]
    return Row(
        name=name,
        ratio=other.whole / ours.whole,
        ours=f"{ours.whole:.1f} s",
        other=f"{other.whole:.1f} s",
        note=f"one run each with dbt's start, without it {ours.models:.1f} s and {other.models:.1f} s; work_mem 128 MB",
    )
