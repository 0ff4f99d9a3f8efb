"""What the trend marts say of a demo world by evening: real pages, real pipelines, a real dbt, no hidden truth.

Each world has a process, a PostgreSQL database and a DuckDB file of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psycopg2
import sqlalchemy as sa

import config
from benchmarks.walk import Walk
from database import migrate, server

TEMPLATE = "trends"
# What a listing's ranking rests on: those that the evening's crawl saw, by what the marts' columns say.
RANKED_SQL = """
select
    external_id, v2.score::float8 as v2, v1.score::float8 as v1,
    coalesce(greatest(1 - v2.price / nullif(v2.old_price, 0), 0), 0)::float8 as discount,
    coalesce(v2.rating_count, 0)::float8 as ratings
from marts.trending_products_v2 as v2
inner join marts.trending_products_v1 as v1 using (listing_id, marketplace, country, external_id)
where marketplace = 'jumia' and v2.last_seen_at >= %(evening)s
order by external_id
"""


@dataclass(frozen=True)
class World:
    """A world to live through and the evenings after which its marts are read."""

    seed: int
    days: tuple[int, ...]
    address: str
    folder: Path


def ranked(seeds: Sequence[int], days: tuple[int, ...], folder: Path) -> Iterator[tuple[int, dict[int, pl.DataFrame]]]:
    """By seed and day a row for each listing on show: external_id and the scores v2, v1, discount and ratings.

    Raises:
        WorldNotRead: a crawl did not go everywhere.
        RuntimeError: dbt failed; names its log.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb.impl", "benchmarks.walk"])
    maintenance = server.ensure(folder, extra_settings="fsync = off\nsynchronous_commit = off\n")
    try:
        worlds = [
            World(seed, days, _database(maintenance, f"{TEMPLATE}_{seed}", seeds[0] == seed), folder / str(seed))
            for seed in seeds
        ]
        with ProcessPoolExecutor(os.cpu_count(), processes, max_tasks_per_child=1) as pool:
            pool.submit(parsed, folder).result()
            yield from zip(seeds, pool.map(lived, worlds), strict=True)
    finally:
        server.release(folder)


def _database(maintenance: str, name: str, first: bool) -> str:
    def address(of: str) -> str:
        return sa.make_url(maintenance).set(database=of).render_as_string(hide_password=False)

    connection = psycopg2.connect(maintenance)
    connection.autocommit = True
    with connection.cursor() as cursor:
        if first:
            cursor.execute(f"drop database if exists {TEMPLATE} with (force)")
            cursor.execute(f"create database {TEMPLATE}")
            migrate.upgrade(address(TEMPLATE))
        cursor.execute(f"drop database if exists {name} with (force)")
        cursor.execute(f"create database {name} template {TEMPLATE}")
    connection.close()
    return address(name)


def parsed(folder: Path) -> None:
    """Parses the dbt project into `folder`/target, from where each world takes it."""
    os.environ["DBT_TARGET_PATH"] = str(folder / "target")
    Dbt(folder)


def lived(world: World) -> dict[int, pl.DataFrame]:
    """Lives through one world, in a process of its own."""
    shutil.rmtree(world.folder, ignore_errors=True)
    os.environ |= {
        "MARKETS": "demo",
        "DATABASE_URL": world.address,
        "DATA_DIR": str(world.folder),
        "DBT_TARGET_PATH": str(world.folder / "target"),
        "DBT_LOG_PATH": str(world.folder / "logs"),
    }
    os.chdir(config.ROOT)
    shutil.copytree(world.folder.parent / "target", world.folder / "target")
    walk, dbt = Walk(world.folder / "demo", world.seed), Dbt(world.folder)
    connection = psycopg2.connect(world.address)
    found = {}
    for day in range(max(world.days) + 1):
        walk.crawl(connection, day)
        if day in world.days:
            dbt.build()
            with connection:
                found[day] = pl.read_database(
                    RANKED_SQL, connection, execute_options={"vars": {"evening": walk.evening(day)}}
                )
    connection.close()
    walk.close()
    return found


class Dbt:
    """dbt in this process, with the project parsed once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seeded = False
        self._manifest: Any = None
        self._manifest = self._invoke("parse")

    def build(self) -> None:
        """Builds both versions of the mart and what they rest on."""
        if not self._seeded:
            self._invoke("seed")
            self._seeded = True
        self._invoke("run", "--select", "+trending_products")

    def _invoke(self, *arguments: str) -> Any:
        from dbt.cli.main import dbtRunner

        project = str(config.ROOT / "analytics_sql")
        done = dbtRunner(manifest=self._manifest).invoke(
            ["--quiet", *arguments, "--project-dir", project, "--profiles-dir", project]
        )
        if not done.success:
            raise RuntimeError(f"dbt {arguments[0]} failed, see {self._folder / 'logs'}: {done.exception}")
        return done.result
