"""What a place says a listing sells, held against what the people of a demo market want."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import psycopg2

from benchmarks.trend_judge import rank_correlation
from benchmarks.walk import Walk
from demo.world import World
from tests.analytics_sql.conftest import MODELS_ONLY, Dbt

SEED, DAYS = 5, 30
WEEK = 7
MARTS_SQL = """
select external_id, expected_rating_gain_per_day::float8 as by_rank, rating_count_gain_7d::float8 as by_week
from marts.demand_by_rank inner join marts.trending_products_v2 using (listing_id, marketplace, country)
where rating_count_gain_7d is not null
"""


def estimates(address: str, folder: Path, dbt: Dbt) -> pl.DataFrame:
    """What the marts say of a demo market after a month of evening crawls."""
    walk, connection = Walk(folder / "demo", SEED, marketplaces=("jumia",)), psycopg2.connect(address)
    for day in range(DAYS):
        walk.crawl(connection, day)
    walk.close()
    dbt(*MODELS_ONLY, "--select", "+demand_by_rank", "+trending_products_v2")
    found = pl.read_database(MARTS_SQL, connection)
    connection.close()
    return found


def wanted() -> pl.DataFrame:
    """Units of each listing's good that people want a day in the world's last week."""
    world = World(SEED)
    week = pl.DataFrame([world.wanted(day) for day in range(DAYS - WEEK, DAYS)], orient="row").mean().row(0)
    return pl.DataFrame({"external_id": [product.sku for product in world.products], "wanted": week})


def test_places_order_listings_as_people_want_them_and_better_than_a_week_of_ratings(
    database_url: str, tmp_path: Path, dbt: Dbt, configure: object
) -> None:
    judged = estimates(database_url, tmp_path, dbt).join(wanted(), on="external_id")
    truth = judged["wanted"].to_numpy()
    by_rank = rank_correlation(judged["by_rank"].to_numpy(), truth)
    by_week = rank_correlation(judged["by_week"].to_numpy(), truth)
    assert len(judged) > 600
    assert by_rank > 0.75
    assert by_rank > by_week + 0.1
