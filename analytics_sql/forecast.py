"""Demand of the coming weeks, per product: an ensemble on the logarithm of units, with conformal intervals.

The method, its figures and where it falls short are in docs/FORECAST.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from analytics_sql.conformal import QUANTILES, edges, scores, spreads
from analytics_sql.panel import Floats, Panel
from analytics_sql.smoothing import smoothed

MODEL = "log-ensemble"
MODEL_VERSION = f"1.0 (statsforecast {version('statsforecast')})"

HORIZON = 4
"""Weeks ahead: 28 days."""
CALIBRATION_WEEKS = 12
"""How many past forecasts an interval is judged by."""
LEAST_WEEKS = 3
"""Weeks of history that a past forecast needs to be judged."""
OWN_WEEKS = 4
"""As many errors of its own weigh as much as the mean error of all products when a product's spread is told."""


@dataclass(frozen=True)
class Forecast:
    """Units per product and week ahead.

    ids: the products. units: products x horizon, the median. quantiles: products x horizon x 4, at 5, 25, 75 and 95
    percent; the outer two in whole units, rounded outwards.
    """

    ids: pl.Series
    units: Floats
    quantiles: Floats


def forecast(history: Panel, horizon: int = HORIZON) -> Forecast:
    """Forecasts the weeks after the panel's last."""
    origins = calibration_origins(history.weeks, horizon)
    return with_intervals(history, logs(history, [*origins, history.weeks], horizon), history.weeks)


def calibration_origins(week: int, horizon: int = HORIZON) -> range:
    """The past weeks whose forecasts calibrate a forecast made after `week` weeks."""
    return range(max(LEAST_WEEKS, week - CALIBRATION_WEEKS - horizon + 1), week)


def logs(history: Panel, origins: Iterable[int], horizon: int = HORIZON) -> dict[int, Floats]:
    """log(1 + units) as forecast after each origin's weeks: products x horizon, NaN for what was unsold then."""
    found = {}
    for origin in origins:
        known = ~np.isnan(history.units[:, :origin]).all(axis=1)
        values = np.full((len(history.ids), horizon), np.nan)
        if known.any():
            values[known] = _ensemble(np.log1p(history.units[known, :origin]), horizon)
        found[origin] = values
    return found


def _ensemble(log_units: Floats, horizon: int) -> Floats:
    """Mean of five smoothings: of size and chance of a sale (TSB), of sums over several spans, of level and trend."""
    from statsforecast.models import IMAPA, TSB, SimpleExponentialSmoothingOptimized, Theta

    models: list[Any] = [
        TSB(alpha_d=0.1, alpha_p=0.1, alias="slow"),
        TSB(alpha_d=0.3, alpha_p=0.3, alias="fast"),
        IMAPA(alias="spans"),
        SimpleExponentialSmoothingOptimized(alias="level"),
        Theta(season_length=1, alias="trend"),
    ]
    answer = smoothed(models, log_units, horizon)
    each = answer.select(model.alias for model in models).to_numpy()
    means: Floats = np.maximum(np.nan_to_num(each).mean(axis=1), 0).reshape(-1, horizon)
    return means


def with_intervals(history: Panel, forecasts: dict[int, Floats], week: int) -> Forecast:
    """The forecast made after `week` weeks, its intervals drawn from the errors of the forecasts before it."""
    known = ~np.isnan(forecasts[week][:, 0])
    center = forecasts[week][known]
    horizon = center.shape[1]
    actual = np.log1p(history.units)
    spread = spreads(_errors(actual, forecasts, week, 0), OWN_WEEKS)
    quantiles = np.empty((*center.shape, len(QUANTILES)))
    latest = scores(np.empty((len(spread), 0)), spread)
    for ahead in range(horizon):
        errors = _errors(actual, forecasts, week, ahead)
        latest = scores(errors, spread) if np.isfinite(errors).any() else latest
        around = center[:, [ahead]] + spread[known, None] * edges(latest)
        quantiles[:, ahead] = np.maximum(np.expm1(around), 0)
    quantiles[..., 0], quantiles[..., -1] = np.floor(quantiles[..., 0]), np.ceil(quantiles[..., -1])
    units = np.clip(np.expm1(center), quantiles[..., 1], quantiles[..., 2])
    return Forecast(history.ids.filter(pl.Series(known)), units, quantiles)


def _errors(actual: Floats, forecasts: dict[int, Floats], week: int, ahead: int) -> Floats:
    """Errors, in the logarithm, of the latest forecasts `ahead` weeks on that `week` weeks allow to judge."""
    origins = list(calibration_origins(week - ahead))[-CALIBRATION_WEEKS:]
    each = [actual[:, origin + ahead] - forecasts[origin][:, ahead] for origin in origins]
    return np.stack(each, axis=1) if each else np.empty((len(actual), 0))
