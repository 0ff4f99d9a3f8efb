"""Demand of the coming days, per product: the forecast of weeks, spread over weekdays, with intervals of its own.

Most products sell on few days. A model of days has a median of 0 and loses the week; a forecast of the week, spread by
the shop's weekdays, keeps it. docs/FORECAST.md has the figures.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics_sql.conformal import PRIOR_SPREAD, edges
from analytics_sql.forecast import HORIZON, MODEL, MODEL_VERSION, calibration_origins, logs
from analytics_sql.panel import Floats, Panel, panel

DAYS = 7 * HORIZON
LEVELS = {"low_90": 0.05, "low_50": 0.25, "units": 0.5, "high_50": 0.75, "high_90": 0.95}
"""What is told of a day's demand, and at which quantile it lies; ascending."""
MOST_WEEKS = 104
"""Weeks of history that are read."""
WEEKDAY_WEEKS = 8
"""Weeks that tell how a week spreads over its days."""
LEAST_DAYS = 200
"""Past days in a class of expected size; fewer make fewer classes."""
MOST_CLASSES = 12
SMALLEST = 1e-6

COLUMNS = {
    "product_id": pl.Int64,
    "day": pl.Date,
    "days_ahead": pl.Int32,
    "expected_units": pl.Float64,
    "units": pl.Float64,
    "low_50": pl.Float64,
    "high_50": pl.Float64,
    "low_90": pl.Float64,
    "high_90": pl.Float64,
    "trained_until": pl.Date,
    "weeks_known": pl.Int32,
    "model": pl.String,
    "model_version": pl.String,
}


def forecast_days(sales: pl.DataFrame, until: date) -> pl.DataFrame:
    """One row per product and day for the 28 days after `until`, in the columns of COLUMNS.

    units is the day's median, which is 0 where most days sell nothing; expected_units is its mean, and adds up to that
    of a week or of 28 days. weeks_known counts the weeks since the product's first sale.

    Args:
        sales: product_id, day, units; days after `until` are not looked at. No rows for a day is a day without sales.
        until: the last day that is over. Weeks are the seven days that end with it, and those before.
    """
    sales = sales.filter((pl.col("day") <= until) & (pl.col("units") > 0))
    if sales.is_empty():
        return pl.DataFrame(schema=COLUMNS)
    weeks, daily = _grids(sales, until)
    origins = calibration_origins(weeks.weeks)
    forecasts = logs(weeks, [*origins, weeks.weeks])
    expected = {origin: _spread_over_days(forecasts[origin], daily[:, : origin * 7]) for origin in forecasts}
    past = [
        (expected[o][:, :ahead], daily[:, o * 7 : o * 7 + ahead])
        for o in origins
        if (ahead := 7 * min(HORIZON, weeks.weeks - o))
    ]
    coming = expected[weeks.weeks]
    return _frame(weeks, *_mean_and_quantiles(coming, _pairs(past)), until)


def _grids(sales: pl.DataFrame, until: date) -> tuple[Panel, Floats]:
    """The weeks that end with `until`, and the same days: products x 7 weeks."""
    span = (until - sales.select(pl.col("day").min()).item()).days + 1
    count = min(-(-span // 7), MOST_WEEKS)
    number = (pl.col("day") - (until - timedelta(days=7 * count - 1))).dt.total_days()
    weeks = panel(sales.with_columns(week=number // 7), count)
    days = panel(sales.with_columns(week=number), 7 * count)
    return weeks, np.nan_to_num(days.units)


def _spread_over_days(log_weeks: Floats, daily: Floats) -> Floats:
    """Products x 28: the weeks by the mean share of each weekday, as if one more product sold every day alike."""
    recent = daily[:, -7 * WEEKDAY_WEEKS :].reshape(len(daily), -1, 7).sum(axis=1)
    own = recent[recent.sum(axis=1) > 0]
    shares = (own / own.sum(axis=1, keepdims=True)).sum(axis=0) + 1 / 7
    shares = shares / shares.sum()
    spread: Floats = (np.expm1(log_weeks)[:, :, None] * shares).reshape(len(daily), -1)
    return spread


def _pairs(past: list[tuple[Floats, Floats]]) -> Floats:
    """What a day was expected to sell and what it sold: pairs x 2."""
    if not past:
        return np.empty((0, 2))
    pairs: Floats = np.stack(
        [np.concatenate([side.ravel() for side in sides]) for sides in zip(*past, strict=True)], axis=1
    )
    known: Floats = pairs[np.isfinite(pairs).all(axis=1)]
    return known


def _mean_and_quantiles(ahead: Floats, pairs: Floats) -> tuple[Floats, Floats]:
    """Products x days, and x LEVELS: what days of the same expected size sold, in multiples of it.

    The expected size is of medians, in the logarithm; the mean of its class brings it back to a mean (Duan's smearing
    estimate, 1983), of all but the largest in a hundred: one giant order is no habit.
    """
    if len(pairs) < LEAST_DAYS:
        return ahead, _prior(ahead)
    expected = np.maximum(pairs[:, 0], SMALLEST)
    classes = int(np.clip(len(pairs) // LEAST_DAYS, 1, MOST_CLASSES))
    bounds = np.unique(np.quantile(expected, np.linspace(0, 1, classes + 1)[1:-1]))
    of_past, of_ahead = np.searchsorted(bounds, expected), np.searchsorted(bounds, ahead)
    means, quantiles = np.zeros(ahead.shape), np.zeros((*ahead.shape, len(LEVELS)))
    for each in np.unique(of_ahead):
        like_it = of_past == each if (of_past == each).any() else np.full(len(pairs), True)
        came, size = pairs[like_it, 1], expected[like_it]
        sizes = np.maximum(ahead[of_ahead == each], SMALLEST)
        means[of_ahead == each] = sizes * np.minimum(came, np.quantile(came, 0.99)).mean() / size.mean()
        quantiles[of_ahead == each] = sizes[:, None] * edges(came / size, tuple(LEVELS.values()))
    quantiles[..., 0], quantiles[..., -1] = np.floor(quantiles[..., 0]), np.ceil(quantiles[..., -1].round(3))
    return means, quantiles


def _prior(ahead: Floats) -> Floats:
    """A negative binomial distribution: Poisson sales at a rate known as badly as PRIOR_SPREAD says."""
    from scipy.stats import nbinom  # type: ignore[import-untyped,unused-ignore]

    size = 1 / np.expm1((PRIOR_SPREAD * np.sqrt(np.pi / 2)) ** 2)
    quantiles: Floats = nbinom.ppf(list(LEVELS.values()), size, (size / (size + ahead))[..., None])
    return quantiles


def _frame(weeks: Panel, means: Floats, quantiles: Floats, until: date) -> pl.DataFrame:
    count, days = means.shape
    known = np.isfinite(weeks.units).sum(axis=1)
    ahead = np.tile(np.arange(1, days + 1), count)
    frame = pl.DataFrame(
        {
            "product_id": weeks.ids.gather(np.repeat(np.arange(count), days)),
            "days_ahead": ahead,
            "expected_units": means.ravel(),
            **{name: quantiles[..., number].ravel() for number, name in enumerate(LEVELS)},
            "weeks_known": np.repeat(known, days),
        }
    ).with_columns(
        day=pl.lit(until) + pl.duration(days=pl.col("days_ahead")),
        trained_until=pl.lit(until),
        model=pl.lit(MODEL),
        model_version=pl.lit(MODEL_VERSION),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
