"""The judge of the trend scores, by hand, and the walk that shows the marts what a visitor sees."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import psycopg2
import pytest

from benchmarks import trend_judge, trend_worlds, walk
from benchmarks.trend_judge import growth, over_worlds, precision, rank_correlation
from demo.world import World


def test_precision_shares_out_the_places_that_ties_compete_for() -> None:
    grown = np.arange(40.0)
    assert precision(grown, grown) == 1
    assert precision(-grown, grown) == 0
    # All alike: each has a chance of a half, and half of the right ones are found.
    assert precision(np.zeros(40), grown) == pytest.approx(0.5)
    # Ten found for sure; ten places among thirty, of which ten are right.
    assert precision(np.where(grown >= 30, 1.0, 0.0), grown) == pytest.approx((10 + 10 * 10 / 30) / 20)


def test_growth_is_counted_on_the_last_week_and_on_the_usual_week_of_the_last_28_days() -> None:
    sold = pl.DataFrame(
        [
            {"day": day, "external_id": "a", "sold": 5.0 if day > 28 else 2.0 if day > 21 else 1.0 if day > 0 else 99.0}
            for day in range(40)
        ]
    )
    (row,) = growth(sold, 28).to_dicts()
    assert row == {"external_id": "a", "on_last_week": 35 - 14, "on_usual_week": 35 - (21 + 14) / 4}


def test_ranks_that_agree_correlate_and_the_interval_holds_the_mean_of_worlds() -> None:
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 1000.0])) == pytest.approx(1)
    found = over_worlds([0.1, 0.2, 0.3, 0.4])
    assert found.mean == pytest.approx(0.25)
    assert found.low < 0.25 < found.high
    assert over_worlds([0.2] * 12).low == pytest.approx(0.2)


def test_a_walk_stores_what_a_visitor_sees_and_nothing_of_the_hidden_truth(
    database_url: str, tmp_path: Path, configure: object
) -> None:
    evening = walk.Walk(tmp_path / "demo", 5)
    connection = psycopg2.connect(database_url)
    for day in (0, 1):
        evening.crawl(connection, day)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select external_id, price::int from market.listing join market.observation o on o.listing_id = "
            "listing.id where marketplace = 'jumia' and o.observed_at::date = %s",
            [evening.evening(0).date()],
        )
        shown = dict(cursor.fetchall())
        cursor.execute("select bool_and(complete), count(*) from market.crawl")
        assert cursor.fetchone() == (True, 4)
    connection.close()
    evening.close()
    world = World(5)
    buyable = zip(world.products, world.day(0), strict=True)
    assert shown == {of.sku: shelf.price for of, shelf in buyable if shelf.on_sale and shelf.stock}


@pytest.mark.parametrize("module", [walk, trend_worlds])
def test_only_the_judge_knows_the_world_behind_the_pages(module: object) -> None:
    hidden = re.compile(r"demo\.(world|truth)|\.truths?\b|\.world\b|\.sold\b")
    assert hidden.search(Path(str(trend_judge.__file__)).read_text())
    assert not hidden.search(Path(str(module.__file__)).read_text())  # type: ignore[attr-defined]
