"""What holds of every forecast, whatever was sold."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_sql.conformal import edges, scores, spreads
from analytics_sql.forecast import HORIZON, Forecast, forecast
from analytics_sql.forecast_days import COLUMNS, DAYS, forecast_days
from analytics_sql.panel import Panel, panel

UNTIL = date(2026, 6, 14)
SALES = {"product_id": pl.Int64, "day": pl.Date, "units": pl.Float64}


def weekly(*series: list[float]) -> Panel:
    """Weeks of products 0, 1, ..., all ending now; a shorter series begins later."""
    weeks = max(len(units) for units in series)
    rows = [
        (product, weeks - len(units) + week, sold)
        for product, units in enumerate(series)
        for week, sold in enumerate(units)
    ]
    return panel(pl.DataFrame(rows, schema=["product_id", "week", "units"], orient="row"), weeks)


def daily(*series: list[float]) -> pl.DataFrame:
    """Sales of products 0, 1, ..., the last of them on UNTIL."""
    rows = [
        (product, UNTIL - timedelta(days=len(units) - 1 - day), sold)
        for product, units in enumerate(series)
        for day, sold in enumerate(units)
    ]
    return pl.DataFrame(rows, schema=SALES, orient="row")


def intermittent(products: int, days: int, seed: int = 7) -> list[list[float]]:
    """Poisson sales at rates from one in three weeks to ten a day, the week's end four times the other days."""
    draw = np.random.default_rng(seed)
    weekday = np.where(np.arange(days) % 7 >= 5, 2.0, 0.5)
    return [draw.poisson(rate * weekday).astype(float).tolist() for rate in np.geomspace(0.05, 10, products)]


def assert_nested(made: Forecast) -> None:
    assert made.units.shape == (len(made.ids), HORIZON)
    low_90, low_50, high_50, high_90 = np.moveaxis(made.quantiles, -1, 0)
    for smaller, larger in zip(
        (np.zeros_like(low_90), low_90, low_50, made.units, high_50),
        (low_90, low_50, made.units, high_50, high_90),
        strict=True,
    ):
        assert (smaller <= larger).all()
    assert np.isfinite(made.quantiles).all()


units = st.one_of(st.just(0.0), st.integers(0, 60).map(float), st.just(80995.0))
histories = st.lists(st.lists(units, min_size=1, max_size=20), min_size=1, max_size=4)


@settings(max_examples=15, deadline=None)
@given(histories)
def test_intervals_are_nested_and_never_below_zero_whatever_was_sold(series: list[list[float]]) -> None:
    known = weekly(*series)
    if len(known.ids):
        assert_nested(forecast(known))


@settings(max_examples=15, deadline=None)
@given(histories)
def test_so_are_those_of_days(series: list[list[float]]) -> None:
    made = forecast_days(daily(*series), UNTIL)
    assert made.schema == COLUMNS
    names = ["low_90", "low_50", "units", "high_50", "high_90"]
    low_90, low_50, middle, high_50, high_90 = (made[name].to_numpy() for name in names)
    assert (low_90 >= 0).all()
    assert (low_90 <= low_50).all()
    assert (low_50 <= middle).all()
    assert (middle <= high_50).all()
    assert (high_50 <= high_90).all()
    assert np.isfinite(high_90).all()


def test_the_same_history_gives_the_same_forecast_in_whatever_order_its_rows_are() -> None:
    sales = daily(*intermittent(6, 70))
    first = forecast_days(sales, UNTIL)
    assert forecast_days(sales, UNTIL).equals(first)
    assert forecast_days(sales.sample(fraction=1, shuffle=True, seed=3), UNTIL).equals(first)


def test_nothing_sold_gives_no_rows_of_the_same_columns() -> None:
    made = forecast_days(pl.DataFrame(schema=SALES), UNTIL)
    assert (made.height, made.schema) == (0, COLUMNS)


def test_days_after_the_last_that_is_over_are_not_looked_at() -> None:
    sales = daily(*intermittent(3, 50))
    later = pl.DataFrame([(0, UNTIL + timedelta(days=1), 900.0)], schema=SALES, orient="row")
    assert forecast_days(pl.concat([sales, later]), UNTIL).equals(forecast_days(sales, UNTIL))


def test_a_single_sale_gives_28_days_that_admit_how_little_is_known() -> None:
    made = forecast_days(daily([1.0]), UNTIL)
    assert made["day"].to_list() == [UNTIL + timedelta(days=ahead) for ahead in range(1, DAYS + 1)]
    assert made["weeks_known"].unique().to_list() == [1]
    assert made["expected_units"].sum() > 0
    assert (made["high_90"] >= 1).all()


def test_a_constant_demand_is_forecast_as_it_was() -> None:
    made = forecast(weekly([50.0] * 20, [8.0] * 20))
    assert made.units == pytest.approx(np.array([[50.0] * HORIZON, [8.0] * HORIZON]), rel=0.02)
    assert (made.quantiles[..., 2] - made.quantiles[..., 1] < 3).all()


def test_one_giant_order_does_not_become_the_forecast() -> None:
    series = [20.0, 25, 18, 22, 19, 24, 21, 80995, 20, 23, 18, 22]
    assert (forecast(weekly(series)).units < 100).all()


def test_a_rising_level_is_followed_and_so_are_its_intervals() -> None:
    draw = np.random.default_rng(5)
    rising = [[float(draw.poisson(30 * 1.08**week)) for week in range(26)] for _ in range(30)]
    made = forecast(weekly(*rising))
    assert (made.units.mean(axis=0) > 30 * 1.08**23).all()


def test_a_week_forecast_ahead_knows_nothing_of_the_weeks_after_its_origin() -> None:
    draw = np.random.default_rng(1)
    sales = weekly(*draw.poisson(9, (5, 20)).astype(float).tolist())
    changed = Panel(sales.ids, np.where(np.arange(20) >= 14, 1000.0, sales.units))
    assert (forecast(sales.until(14)).quantiles == forecast(changed.until(14)).quantiles).all()


def test_seven_days_hold_the_week_and_the_weekend_its_part() -> None:
    series = intermittent(30, 140)
    made = forecast_days(daily(*series), UNTIL).filter(pl.col("product_id") == 29)
    by_weekday = (
        made.group_by(pl.col("day").dt.weekday().alias("weekday")).agg(pl.col("expected_units").mean()).sort("weekday")
    )
    *workdays, saturday, sunday = by_weekday["expected_units"].to_list()
    assert min(saturday, sunday) > 2 * max(workdays)
    assert made["expected_units"].sum() == pytest.approx(4 * 65, rel=0.25)


def test_intervals_of_days_hold_what_they_claim_on_intermittent_demand() -> None:
    series = intermittent(60, 168)
    until = UNTIL - timedelta(days=DAYS)
    made = forecast_days(daily(*series).filter(pl.col("day") <= until), until)
    came = made.join(daily(*series).rename({"units": "came"}), on=["product_id", "day"])
    assert came.height == made.height
    rarely, often = came.filter(pl.col("expected_units") < 0.5), came.filter(pl.col("low_50") >= 1)
    inside = pl.col("came").is_between("low_90", "high_90").mean()
    assert rarely.select(inside).item() >= 0.9, "a day without a sale alone is likelier than that"
    assert often.select(inside).item() == pytest.approx(0.93, abs=0.06)
    assert often.select(pl.col("came").is_between("low_50", "high_50").mean()).item() == pytest.approx(0.5, abs=0.12)
    assert came["expected_units"].sum() == pytest.approx(came["came"].sum(), rel=0.15)


def test_a_product_with_few_errors_of_its_own_is_judged_by_all() -> None:
    errors = np.array([[2.0, -2.0, 2.0, -2.0], [np.nan, np.nan, np.nan, np.nan]])
    certain, unknown = spreads(errors, own_weeks=4)
    assert (certain, unknown) == (2.0, 2.0)
    assert spreads(np.full((2, 3), np.nan), own_weeks=4).tolist() == [0.6, 0.6]
    assert len(scores(np.array([[1.0]]), np.array([1.0]))) == 20


def test_an_edge_lies_a_little_further_out_than_in_the_sample() -> None:
    known = np.arange(1.0, 100.0)
    low_90, low_50, high_50, high_90 = edges(known)
    assert low_90 < np.quantile(known, 0.05) < low_50 < np.quantile(known, 0.25)
    assert np.quantile(known, 0.75) < high_50 < np.quantile(known, 0.95) < high_90


def test_weeks_without_a_sale_count_and_those_before_the_first_do_not() -> None:
    sales = pl.DataFrame({"product_id": [1, 1, 2, 1], "week": [0, 3, 2, 9], "units": [4.0, 5.0, -3.0, 1.0]})
    made = panel(sales, 4)
    assert made.ids.to_list() == [1]
    assert made.units.tolist() == [[4, 0, 0, 5]]
    late = panel(pl.DataFrame({"product_id": [2], "week": [1], "units": [6.0]}), 3)
    np.testing.assert_array_equal(late.units, [[np.nan, 6, 0]])
