"""How fast units sell, and how sure that is: Gamma beliefs about a rate, and the counts of sales that follow from them.

A rate is units a day. Belief in it is a Gamma distribution; sales within some days are then negative binomial, and
sales that are seen make a new Gamma of it (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

ELASTICITIES = tuple(float(step) for step in range(1, 13))
"""Percent of buyers lost for a percent above what the market asks, as far as is thought possible."""

LIKELY_ELASTICITY = 4.0
"""Before anything was sold: between 1 to 2.5 for a kind of goods and 8 or more for one offer among equal ones."""

ELASTICITY_DOUBT = 2.0

LIKELY_SHARE = 0.03
"""Units we sell at the market's price for each that the market sells: a small shop beside a large one."""

SHARE_DOUBT = 2.0
"""Shape of the belief in the share: a third of it or three times as much would not astonish."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Belief in a rate: `mean` units a day; `shape` grows with evidence (1 / squared coefficient of variation)."""

    mean: float
    shape: float

    def after(self, units: float, days: float) -> Rate:
        """The belief once `units` were sold in `days`."""
        shape = self.shape + units
        return Rate(shape / (self.shape / self.mean + days), shape)

    def times(self, factor: float, doubt: float = 0.0) -> Rate:
        """The rate times a factor that is known up to `doubt`, its squared coefficient of variation."""
        return Rate(self.mean * factor, 1 / (1 / self.shape + doubt))

    def quantile(self, part: float) -> float:
        """Units a day that the rate stays below with probability `part`."""
        from scipy.special import gammaincinv  # type: ignore[import-untyped,unused-ignore]

        return float(gammaincinv(self.shape, part)) * self.mean / self.shape

    def sells(self, units: Sequence[int], days: Sequence[float] | np.ndarray) -> np.ndarray:
        """Probability that at least so many units are wanted within so many days: one row a unit, one column a time."""
        from scipy.special import betainc  # type: ignore[import-untyped,unused-ignore]

        expected = self.mean * np.asarray(days, dtype=float)
        return np.asarray(
            betainc(np.asarray(units, dtype=float)[:, None], self.shape, expected / (self.shape + expected))
        )

    def sold_at(self, part: float, days: float) -> int:
        """Units wanted within `days` in the case that only `part` of all cases are worse than."""
        most = max(4, math.ceil(self.mean * days * 4) + 4)
        more_than = self.sells(range(1, most + 1), [days])[:, 0]
        return int(np.count_nonzero(more_than > 1 - part))

    def days_until(self, units: Sequence[int], horizon: float) -> np.ndarray:
        """Expected days until each of these units is wanted, counted up to `horizon` at most."""
        times = np.linspace(0, horizon, 15)
        waiting = 1 - self.sells(units, times)
        return np.asarray((waiting[:, 1:] + waiting[:, :-1]).sum(axis=1) * (times[1] - times[0]) / 2)


@dataclass(frozen=True, slots=True)
class Trial:
    """What one of our products sold at one price: the evidence of what shoppers answer.

    Attributes:
        market: units a day that the market sells of it. days: how long we offered it.
        ratio: our price divided by the market's. units: ordered from us. Both count less the older they are.
    """

    market: float
    days: float
    ratio: float
    units: float


@dataclass(frozen=True)
class Response:
    """How many shoppers answer to our price: our share of the market's sales is share × ratio^-elasticity.

    For each elasticity the share is a Gamma, learnt exactly; the elasticities are weighed by how well they explain.
    """

    trials: tuple[Trial, ...] = ()

    @classmethod
    def learnt(cls, trials: Iterable[Trial]) -> Response:
        """From trials that say something: offered for some time, beside a market that sells."""
        return cls(tuple(one for one in trials if one.days > 0 and one.market > 0 and one.ratio > 0))

    @cached_property
    def _beliefs(self) -> list[tuple[float, float, float, float]]:
        """(weight, elasticity, shape, rate) of each elasticity; the weights add up to 1."""
        sold = sum(one.units for one in self.trials)
        logs = []
        for elasticity in ELASTICITIES:
            exposure = sum(one.market * one.days * one.ratio**-elasticity for one in self.trials)
            shape, rate = SHARE_DOUBT + sold, SHARE_DOUBT / LIKELY_SHARE + exposure
            fits = -sum(one.units * elasticity * math.log(one.ratio) for one in self.trials) - shape * math.log(rate)
            prior = -(((elasticity - LIKELY_ELASTICITY) / ELASTICITY_DOUBT) ** 2) / 2
            logs.append((fits + prior, elasticity, shape, rate))
        best = max(log for log, *_ in logs)
        total = sum(math.exp(log - best) for log, *_ in logs)
        return [(math.exp(log - best) / total, elasticity, shape, rate) for log, elasticity, shape, rate in logs]

    @property
    def elasticity(self) -> float:
        """Mean of the belief."""
        return sum(weight * elasticity for weight, elasticity, _, _ in self._beliefs)

    def share_at(self, ratio: float) -> tuple[float, float]:
        """Our part of the market's sales at `ratio` times its price, and the doubt of it (squared CV)."""
        parts = [
            (weight, shape / rate * ratio**-elasticity, (1 + 1 / shape))
            for weight, elasticity, shape, rate in self._beliefs
        ]
        mean = sum(weight * share for weight, share, _ in parts)
        square = sum(weight * share**2 * spread for weight, share, spread in parts)
        return mean, square / mean**2 - 1
