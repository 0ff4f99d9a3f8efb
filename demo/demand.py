"""Who wants what, and from whom: buyers want a good, choose among its sellers, and take another of the kind if need be.

All figures are units a day. A world has n listings of g goods of k kinds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from demo.catalogue import Product
from demo.luck import Numbers
from demo.seasons import Year
from demo.truth import Truth

WEEKDAYS = (0.95, 0.95, 1.0, 1.05, 1.25, 1.15, 0.9)
"""Monday to Sunday; most is bought at the weekend, Friday and Saturday."""
DEARER_DAILY = 0.0003
"""All prices: some 11 % a year."""
CHOOSY = 6.0
"""Percent of buyers that a seller loses to the others of the same good by asking a percent more."""
TAKES_ANOTHER = 0.45
"""Share of those who find their good sold out or too dear that take another of its kind."""
LURED = 0.35
"""Share of a bargain's additional buyers that came for another good of its kind."""
MOST_TAKEN_IN = 1.5
"""How many of others' buyers a good takes in a day at most, by its own."""


class Demand:
    """The demand side of one world."""

    def __init__(self, products: Sequence[Product], truths: Sequence[Truth], year: Year) -> None:
        self._year = year
        goods = {sku: number for number, sku in enumerate(dict.fromkeys(product.good for product in products))}
        first = {product.good: index for index, product in reversed(list(enumerate(products)))}
        self.good = np.array([goods[product.good] for product in products])
        self.first = np.array([first[sku] for sku in goods])
        kinds = {kind: number for number, kind in enumerate(dict.fromkeys(product.kind for product in products))}
        self._kind = np.array([kinds[products[index].kind] for index in self.first])
        self._of_good = [truths[index] for index in self.first]
        self._usual = np.array([truth.demand for truth in self._of_good])
        self._elasticity = np.array([truth.elasticity for truth in self._of_good])
        self._list_price = np.array([products[index].list_price for index in self.first], dtype=np.float64)
        self._trusted = np.array([0.4 + product.seller.score / 100 for product in products])

    def wanted(self, day: int) -> Numbers:
        """Units of each good (shape g) that people want on an average such day at its list price, if it can be had."""
        life = np.array([truth.life(day) for truth in self._of_good])
        season = self._year.factor(day)[self.first]
        return np.asarray(self._usual * life * season * WEEKDAYS[self._year.weekday(day)], dtype=np.float64)

    def asked_of(self, day: int, price: Numbers, available: NDArray[np.bool_], mood: Numbers) -> Numbers:
        """Units (shape n) that are wanted of each listing on a day.

        Args:
            price: whole dinars, by listing.
            available: on sale and in stock this morning.
            mood: what chance multiplies a good's demand by, as it falls to its first listing (shape n).
        """
        goods = len(self.first)
        usual_price = self._list_price * (1 + DEARER_DAILY) ** day
        drawn = available * self._trusted * (price / usual_price[self.good]) ** -CHOOSY
        of_good = np.bincount(self.good, drawn, goods)
        share = np.divide(drawn, of_good[self.good], out=np.zeros_like(drawn), where=drawn > 0)
        mean_price = np.bincount(self.good, share * price, goods)
        there = of_good > 0
        appeal = np.where(there, (np.where(there, mean_price, 1.0) / usual_price) ** -self._elasticity, 0.0)
        wanted = self.wanted(day) * mood[self.first]
        return np.asarray(self._settled(wanted, wanted * appeal)[self.good] * share, dtype=np.float64)

    def _settled(self, wanted: Numbers, own: Numbers) -> Numbers:
        """What is left of each good's own buyers, and comes to it from others of its kind (shape g)."""
        kinds = int(self._kind.max()) + 1
        lost, gained = np.maximum(wanted - own, 0), np.maximum(own - wanted, 0)
        of_kind = np.maximum(np.bincount(self._kind, own, kinds), 1e-9)
        searching = TAKES_ANOTHER * np.bincount(self._kind, lost, kinds)
        taken_in = np.minimum(searching / of_kind, MOST_TAKEN_IN)
        lured = np.minimum(LURED * np.bincount(self._kind, gained, kinds) / of_kind, 0.5)
        return np.asarray(own * (1 + taken_in[self._kind]) * (1 - lured[self._kind]), dtype=np.float64)
