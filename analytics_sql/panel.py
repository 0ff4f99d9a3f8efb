"""Sales of many products on one grid of weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Units of each product and week.

    ids: the products, sorted.
    units: products x weeks; 0 where nothing was sold, NaN before the product's first sale.
    """

    ids: pl.Series
    units: Floats

    @property
    def weeks(self) -> int:
        return int(self.units.shape[1])

    def until(self, week: int) -> Panel:
        """What was known after the first `week` weeks: those weeks, and the products that had been sold by then."""
        units = self.units[:, :week]
        known = ~np.isnan(units).all(axis=1)
        return Panel(self.ids.filter(pl.Series(known)), units[known])


def panel(sales: pl.DataFrame, weeks: int) -> Panel:
    """Lays sales on a grid.

    Args:
        sales: product_id, week (0 is the first, weeks outside 0 to weeks - 1 are left out), units (negative counts as
            0); several rows of a product and week are added up.
        weeks: how many weeks the grid has.
    """
    totals = (
        sales.filter(pl.col("week").is_between(0, weeks - 1))
        .group_by("product_id", "week")
        .agg(pl.col("units").cast(pl.Float64).sum().clip(lower_bound=0))
        .filter(pl.col("units") > 0)
    )
    ids = totals["product_id"].unique().sort()
    units = np.zeros((len(ids), weeks))
    rows = ids.search_sorted(totals["product_id"]).to_numpy()
    units[rows, totals["week"].to_numpy()] = totals["units"].to_numpy()
    before_first_sale = np.cumsum(units, axis=1) == 0
    return Panel(ids, np.where(before_first_sale, np.nan, units))
