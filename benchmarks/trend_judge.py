"""How well a ranking finds the products whose sales grow most, and how sure that is. It alone reads hidden truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from demo.world import World

Numbers = NDArray[np.float64]
AHEAD = 7
"""Days in which sales are to grow, and days they are compared with."""
USUAL = 28
"""Days whose mean week is what a product usually sells."""
FIRST = 20
RESAMPLES = 10_000


def sales(seed: int, days: int) -> pl.DataFrame:
    """Units that each product of a world sold a day: day, external_id, sold."""
    world = World(seed)
    skus = [product.sku for product in world.products]
    return pl.DataFrame(
        [
            {"day": day, "external_id": sku, "sold": float(shelf.sold)}
            for day in range(days)
            for sku, shelf in zip(skus, world.day(day), strict=True)
        ]
    )


def growth(sold: pl.DataFrame, day: int) -> pl.DataFrame:
    """By product how many units more it sells in the 7 days after `day`.

    `on_last_week`: than in the 7 days up to `day`. `on_usual_week`: than in the mean week of the 28 days up to it.
    """

    def units(first: int, last: int) -> pl.Expr:
        return pl.col("sold").filter(pl.col("day").is_between(first, last)).sum()

    coming = units(day + 1, day + AHEAD)
    return sold.group_by("external_id").agg(
        on_last_week=coming - units(day - AHEAD + 1, day),
        on_usual_week=coming - units(day - USUAL + 1, day) * AHEAD / USUAL,
    )


def _first(values: Numbers) -> Numbers:
    """Each one's chance to be among the first 20: 1, 0, or a share of what is left for those that tie for it."""
    edge = np.sort(values)[-FIRST]
    above, level = values > edge, values == edge
    return np.asarray(above + level * (FIRST - above.sum()) / level.sum(), dtype=np.float64)


def precision(score: Numbers, grown: Numbers) -> float:
    """Share of the 20 highest scores that are among the 20 that grew most; ties are broken by chance."""
    return float(_first(score) @ _first(grown)) / FIRST


def rank_correlation(score: Numbers, grown: Numbers) -> float:
    """Spearman's rho."""
    frame = pl.DataFrame({"score": score, "grown": grown})
    return float(frame.select(pl.corr("score", "grown", method="spearman")).item())


@dataclass(frozen=True)
class Estimate:
    """A mean over worlds and the edges of its 95 % confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f} to {self.high:.3f})"


def over_worlds(values: Sequence[float] | Numbers) -> Estimate:
    """The mean of one figure a world, with the interval that resampling of worlds gives."""
    figures = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(1).integers(len(figures), size=(RESAMPLES, len(figures)))
    low, high = np.quantile(figures[drawn].mean(axis=1), (0.025, 0.975))
    return Estimate(float(figures.mean()), float(low), float(high))
