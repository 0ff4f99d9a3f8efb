"""Forecasts as they would have been made at each of the last weeks, ours and those of simple rivals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_sql.forecast import HORIZON, MODEL, calibration_origins, logs, with_intervals
from analytics_sql.panel import Floats, Panel
from analytics_sql.smoothing import smoothed

YEAR = 52
MONTH = 4
RIVALS = (
    "naive",
    "seasonal naive",
    "moving average of 4",
    "moving average of 8",
    "moving average of 13",
    "Croston",
    "Croston, optimized",
    "Croston, SBA",
)


@dataclass(frozen=True)
class Backtest:
    """What was forecast and what came.

    actual: products x origins x horizon, NaN beyond the last week. points: per model the same shape, NaN for a product
    that had not been sold yet. quantiles: the same and 4 levels, of ours. scale: per product, the mean absolute change
    from one week to the next before the first origin.
    """

    actual: Floats
    points: dict[str, Floats]
    quantiles: Floats
    scale: Floats

    def mase(self, model: str) -> float:
        """Mean over products of the mean absolute error over origins and weeks ahead, in multiples of the scale."""
        return float(np.mean(np.nanmean(self._errors(model), axis=(1, 2)) / self.scale))

    def mase_ahead(self, model: str) -> list[float]:
        """The same for each number of weeks ahead."""
        return list(np.mean(np.nanmean(self._errors(model), axis=1) / self.scale[:, None], axis=0))

    def coverage(self, low: int, high: int) -> float:
        """Share of the weeks between two of the quantiles, both edges included."""
        inside = (self.actual >= self.quantiles[..., low]) & (self.actual <= self.quantiles[..., high])
        return float(inside[self._judged()].mean())

    def width(self, low: int, high: int) -> float:
        """Mean distance between two of the quantiles, in units."""
        return float((self.quantiles[..., high] - self.quantiles[..., low])[self._judged()].mean())

    def _errors(self, model: str) -> Floats:
        return np.abs(self.actual - self.points[model])

    def _judged(self) -> npt.NDArray[np.bool_]:
        known: npt.NDArray[np.bool_] = ~np.isnan(self.actual) & ~np.isnan(self.quantiles[..., 0])
        return known


def backtest(sales: Panel, held_back: int, horizon: int = HORIZON) -> Backtest:
    """Forecasts 1 to `horizon` weeks from each origin of the last `held_back` weeks.

    Products whose sales before them do not vary have no scale and are left out.
    """
    first = sales.weeks - held_back
    scale = scales(sales.units[:, :first])
    sales = Panel(sales.ids.filter(pl.Series(scale > 0)), sales.units[scale > 0])
    origins = range(first, sales.weeks)
    forecasts = logs(sales, range(calibration_origins(first, horizon).start, sales.weeks), horizon)
    shape = (len(sales.ids), held_back, horizon)
    actual, quantiles = np.full(shape, np.nan), np.full((*shape, 4), np.nan)
    points = {name: np.full(shape, np.nan) for name in (MODEL, *RIVALS)}
    for number, origin in enumerate(origins):
        ahead = min(horizon, sales.weeks - origin)
        actual[:, number, :ahead] = sales.units[:, origin : origin + ahead]
        known = ~np.isnan(forecasts[origin][:, 0])
        made = with_intervals(sales, forecasts, origin)
        points[MODEL][known, number], quantiles[known, number] = made.units, made.quantiles
        for name, values in rivals(sales.units[known, :origin], horizon).items():
            points[name][known, number] = values
    return Backtest(actual, points, quantiles, scale[scale > 0])


def scales(training: Floats) -> Floats:
    """Mean absolute change from one week to the next since a product's first sale; 0 where there is none."""
    changes = np.abs(np.diff(training, axis=1))
    count = np.isfinite(changes).sum(axis=1)
    means: Floats = np.nansum(changes, axis=1) / np.maximum(count, 1)
    return means


def rivals(units: Floats, horizon: int) -> dict[str, Floats]:
    """Forecasts of the simple methods, in units: products x horizon.

    Seasonal naive repeats the week of a year ago once there is a year, else that of four weeks ago. A method that needs
    more weeks than a product has falls back to its mean.
    """
    from statsforecast import models

    period = YEAR if units.shape[1] >= YEAR else MONTH
    methods = [
        models.HistoricAverage(alias="mean"),
        models.Naive(alias="naive"),
        models.SeasonalNaive(season_length=period, alias="seasonal naive"),
        *(models.WindowAverage(window_size=size, alias=f"moving average of {size}") for size in (4, 8, 13)),
        models.CrostonClassic(alias="Croston"),
        models.CrostonOptimized(alias="Croston, optimized"),
        models.CrostonSBA(alias="Croston, SBA"),
    ]
    answer = smoothed(methods, units, horizon).fill_nan(pl.col("mean"))
    return {name: answer[name].to_numpy().reshape(-1, horizon) for name in RIVALS}
