"""Intervals from the errors that past forecasts made, pooled over products (split conformal prediction)."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from analytics_sql.panel import Floats

QUANTILES = (0.05, 0.25, 0.75, 0.95)
"""The edges of the 90 and the 50 percent interval, ascending."""
LEAST_SCORES = 20
"""Errors below which a normal distribution's are added: there is nothing else to tell a 90 percent interval from."""
PRIOR_SPREAD = 0.6
"""Mean absolute error of log(1 + units) where there is no past forecast to judge by: a factor of 1.8 either way."""
LEAST_SPREAD = 0.01

_NORMAL = np.array([NormalDist().inv_cdf(level / 20) for level in range(1, 20)]) / np.sqrt(2 / np.pi)


def spreads(errors: Floats, own_weeks: float) -> Floats:
    """Mean absolute error of each product, drawn towards that of all products.

    Args:
        errors: products x past forecasts; NaN where a product had none.
        own_weeks: as many errors of its own as weigh as much as the mean of all.
    """
    sizes = np.abs(errors)
    pooled = float(np.nanmean(sizes)) if np.isfinite(sizes).any() else PRIOR_SPREAD
    count = np.isfinite(sizes).sum(axis=1)
    drawn: Floats = np.maximum((own_weeks * pooled + np.nansum(sizes, axis=1)) / (own_weeks + count), LEAST_SPREAD)
    return drawn


def scores(errors: Floats, spread: Floats) -> Floats:
    """Errors in multiples of their product's spread, with a normal distribution's added where they are few."""
    multiples = (errors / spread[:, None]).ravel()
    multiples = multiples[np.isfinite(multiples)]
    return multiples if len(multiples) >= LEAST_SCORES else np.concatenate([multiples, _NORMAL])


def edges(known: Floats, levels: tuple[float, ...] = QUANTILES) -> Floats:
    """The scores at the levels, a little further out than the sample's own: the next one may lie outside it."""
    further = 1 + 1 / len(known)
    return np.quantile(known, [min(max(0.5 + (level - 0.5) * further, 0.0), 1.0) for level in levels])
