"""A log of observations of any length, in a PostgreSQL database of its own: what the benchmarks of dbt read."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import sqlalchemy as sa

from database import migrate, server

DAYS = 200
"""Days over which each listing is watched, one observation a day."""
# Postgres gets the memory that a person would give it for such queries; its default of 4 MB would sort on disk.
POSTGRES = "work_mem = 128MB\nsynchronous_commit = off\nmax_wal_size = 8GB\n"

LISTINGS_SQL = """
insert into market.crawl (spider, marketplace, country, markets, state)
values ('bench', 'jumia', 'dz', 'demo', 'finished');
insert into market.listing
    (marketplace, country, external_id, url, title, brand, category_path, seller_kind, seller_name, first_seen_at,
    last_seen_at)
select 'jumia', 'dz', 'B' || n, 'https://example.invalid/' || n, 'Produit ' || n || ' ' || md5(n::text),
    'Marque ' || n %% 300, array['Rayon ' || n %% 20, 'Famille ' || n %% 200], 'shop', 'Boutique ' || n %% 900,
    timestamptz '2026-03-01Z', timestamptz '2026-03-01Z' + %(days)s * interval '1 day'
from generate_series(1, %(listings)s) as n;
"""
# A price stands for a month; places in the listing move daily, ratings grow, a number of units is there now and then.
OBSERVATIONS_SQL = """
insert into market.observation
    (listing_id, crawl_id, observed_at, price, currency, old_price, price_kind, rating, rating_count, availability,
    stock_left, position)
select l.id, 1, timestamptz '2026-03-01Z' + day * interval '1 day' + (l.id %% 86000) * interval '1 second',
    1000 + l.id %% 5000 + hashint8(l.id * 100 + (day + l.id %% 30) / 30) %% 200, 'DZD', 8000, 'fixed',
    case when l.id %% 3 > 0 then 3 + (l.id %% 20) / 10.0 end, case when l.id %% 3 > 0 then day * (l.id %% 7) / 4 end,
    case when (l.id + day) %% 67 = 0 then 'out_of_stock' when day %% 5 = 0 then 'unknown' else 'in_stock' end,
    case when (l.id + day) %% 6 = 0 then 200 - day %% 200 end, 1 + (l.id * 7 + day * 13) %% 2000
from market.listing as l cross join generate_series(%(first)s, %(last)s) as day
order by day, l.id;
analyze market.observation;
"""


def database(folder: Path, name: str) -> str:
    """The address of a fresh, migrated database on the embedded server in `folder`."""
    maintenance = server.ensure(folder, extra_settings=POSTGRES)
    drop(folder, name)
    _execute(maintenance, f"create database {name}")
    address = sa.make_url(maintenance).set(database=name).render_as_string(hide_password=False)
    migrate.upgrade(address)
    return address


def drop(folder: Path, name: str) -> None:
    """Drops the database, if there is one, whoever is connected to it."""
    _execute(server.ensure(folder, extra_settings=POSTGRES), f"drop database if exists {name} with (force)")


def fill(address: str, observations: int) -> None:
    """Stores that many observations, DAYS of each listing, and leaves PostgreSQL nothing to tidy up meanwhile."""
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(LISTINGS_SQL, {"listings": observations // DAYS, "days": DAYS})
    connection.close()
    _observe(address, 0, DAYS - 1)
    for statement in ("vacuum analyze market.observation", "checkpoint"):
        _execute(address, statement)


def one_percent_more(address: str) -> None:
    """Two more days of each listing."""
    _observe(address, DAYS, DAYS + 1)
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("update market.listing set last_seen_at = last_seen_at + interval '2 days'")
    connection.close()


def _observe(address: str, first: int, last: int) -> None:
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(OBSERVATIONS_SQL, {"first": first, "last": last})
    connection.close()


def _execute(address: str, statement: str) -> None:
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
