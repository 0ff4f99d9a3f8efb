"""How fast units sell, and how sure that is: Gamma beliefs about a rate, and the counts of sales that follow from them.

A rate is units a day. Belief in it is a Gamma distribution; sales within some days are then negative binomial, and
sales that are seen make a new Gamma of it (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

STEEPNESSES = tuple(float(step) for step in range(2, 17))
"""How fast shoppers turn away: what a price higher by its whole takes off the log odds of ordering."""

LIKELY_STEEPNESS = 9.0
"""Before anything was sold. At the market's price a percent more then loses some 6 percent of the orders: a kind of
goods loses 1 to 2.5, one offer among equal ones, which anybody can look up, 8 or more."""

STEEPNESS_DOUBT = 2.0

EASE = -0.8
"""Log odds of ordering at the market's price: three in ten who look."""

LIKELY_LOOKERS = 0.015
"""People who look at an offer of ours for each unit that the market sells: a new shop is known to one in a hundred or
two."""

LOOKERS_DOUBT = 2.0
"""Shape of the belief in that: a third of it or three times as much would not astonish."""

MORE_LOOKERS, PREMIUM, PATIENCE = 2.0, 1.15, 0.65
"""Where nobody else has it: so many times as many come to look, they take this part of the last price for the usual
one, and turn away so much more slowly."""

LEAST_CHANCE = 1e-9
"""Nobody orders at a hundred times the price; the logarithm of that would burst."""

OUR_DELIVERY, THEIR_DELIVERY = Decimal(600), Decimal(400)
"""DZD that shoppers pay us and the market for delivery, in the mean of the wilayas: they compare whole bills."""


def compared(price: Decimal, theirs: Decimal) -> float:
    """What shoppers pay us in all, as a multiple of what they would pay the market. Prices in DZD."""
    return float((price + OUR_DELIVERY) / (theirs + THEIR_DELIVERY))


def chance(ratio: float, steepness: float, *, sold_out: bool = False) -> float:
    """Orders for each who would look if the market had it: the binary logit of our price against theirs.

    Args:
        ratio: of `compared`; against the last price where the market is `sold_out`.
    """
    if sold_out:
        return MORE_LOOKERS * _logistic(EASE - steepness * PATIENCE * (ratio / PREMIUM - 1))
    return _logistic(EASE - steepness * (ratio - 1))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(min(-odds, 700.0)))


@dataclass(frozen=True, slots=True)
class Rate:
    """Belief in a rate: `mean` units a day; `shape` grows with evidence (1 / squared coefficient of variation)."""

    mean: float
    shape: float

    def after(self, units: float, days: float) -> Rate:
        """The belief once `units` were sold in `days`."""
        shape = self.shape + units
        return Rate(shape / (self.shape / self.mean + days), shape)

    def plus(self, other: Rate) -> Rate:
        """The sum of two rates that know nothing of each other."""
        mean = self.mean + other.mean
        return Rate(mean, mean**2 / (self.mean**2 / self.shape + other.mean**2 / other.shape))

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
        ratio: our price against the market's (`compared`). units: ordered from us. Both count less the older they are.
    """

    market: float
    days: float
    ratio: float
    units: float


@dataclass(frozen=True)
class Response:
    """How many shoppers answer to our price: for each unit that the market sells some look, and a part of them orders
    (`chance`).

    For each steepness the lookers are a Gamma, learnt exactly; the steepnesses are weighed by how well they explain.
    """

    trials: tuple[Trial, ...] = ()

    @classmethod
    def learnt(cls, trials: Iterable[Trial]) -> Response:
        """From trials that say something: offered for some time, beside a market that sells."""
        return cls(tuple(one for one in trials if one.days > 0 and one.market > 0 and one.ratio > 0))

    @cached_property
    def _beliefs(self) -> list[tuple[float, float, float, float]]:
        """(weight, steepness, shape, rate) of each steepness; the weights add up to 1."""
        sold = sum(one.units for one in self.trials)
        logs = []
        for steepness in STEEPNESSES:
            chances = [max(chance(one.ratio, steepness), LEAST_CHANCE) for one in self.trials]
            exposure = sum(one.market * one.days * part for one, part in zip(self.trials, chances, strict=True))
            shape, rate = LOOKERS_DOUBT + sold, LOOKERS_DOUBT / LIKELY_LOOKERS + exposure
            fits = sum(one.units * math.log(part) for one, part in zip(self.trials, chances, strict=True))
            prior = -(((steepness - LIKELY_STEEPNESS) / STEEPNESS_DOUBT) ** 2) / 2
            logs.append((fits - shape * math.log(rate) + prior, steepness, shape, rate))
        best = max(log for log, *_ in logs)
        total = sum(math.exp(log - best) for log, *_ in logs)
        return [(math.exp(log - best) / total, steepness, shape, rate) for log, steepness, shape, rate in logs]

    @property
    def steepness(self) -> float:
        """Mean of the belief."""
        return sum(weight * steepness for weight, steepness, _, _ in self._beliefs)

    def share_at(self, ratio: float, *, sold_out: bool = False) -> tuple[float, float]:
        """Our orders for each unit that the market sells, at a price against its own (`compared`), and the doubt of
        it (squared CV)."""
        parts = [
            (weight, shape / rate * max(chance(ratio, steepness, sold_out=sold_out), LEAST_CHANCE), 1 + 1 / shape)
            for weight, steepness, shape, rate in self._beliefs
        ]
        mean = sum(weight * share for weight, share, _ in parts)
        square = sum(weight * share**2 * spread for weight, share, spread in parts)
        return mean, square / mean**2 - 1
