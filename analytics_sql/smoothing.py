"""The one place that calls statsforecast. It takes a second or more to import: only what forecasts does so."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from analytics_sql.panel import Floats


def smoothed(methods: Sequence[Any], units: Floats, horizon: int) -> pl.DataFrame:
    """Forecasts each row of weeks with each method.

    Args:
        methods: statsforecast models; their aliases name the columns of the answer.
        units: series x weeks; a row may begin with NaN, before its first sale, and has at least one number.
        horizon: weeks ahead.

    Returns:
        horizon rows a series, in the order of `units`. A method that cannot be fitted gives the mean, or NaN.
    """
    from statsforecast import StatsForecast
    from statsforecast.models import HistoricAverage

    rows, weeks = np.nonzero(~np.isnan(units))
    frame = pl.DataFrame({"unique_id": rows, "ds": weeks, "y": units[rows, weeks]})
    library = StatsForecast(models=list(methods), freq=1, fallback_model=HistoricAverage())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Historical data .* is shorter than season_length")
        return library.forecast(df=frame, h=horizon).sort("unique_id", "ds")
