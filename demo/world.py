"""The state of the market by day: a pure function of seed, epoch, day and what was bought. No clock, file or network.

Day n is reached by living through the days before; whoever asks for whatever days in whatever order gets the same.
What is bought on a day is gone, and counts as sold, from the next morning on.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from demo.catalogue import Product, products
from demo.economy import economy
from demo.luck import Numbers
from demo.seasons import epoch_of
from demo.sellers import Purpose, State

LONGEST_DAYS = 3_650
CHECKPOINT = 16
"""Every so many days are kept; those between are lived through again when asked for."""


class Shelf(NamedTuple):
    """One listing on one day, as it stands in the evening.

    Attributes:
        price: whole dinars. old_price: struck through, or None.
        stock: units left. restocked_on: day of the last delivery.
        rating_count, rating_sum: cumulative ratings and stars.
        sold: units sold that day, to others than us. popularity: what rankings go by, of the days before.
        on_sale: launched and not withdrawn.
    """

    price: int
    old_price: int | None
    stock: int
    restocked_on: int
    rating_count: int
    rating_sum: int
    sold: int
    views: int
    popularity: float
    on_sale: bool

    @property
    def rating(self) -> float:
        """Mean stars with one decimal, 0 where nobody has rated."""
        return round(self.rating_sum / self.rating_count, 1) if self.rating_count else 0.0


class World:
    """The market of one seed. `truths`, `wanted` and `purpose` are for judging an agent, never for a page.

    Args:
        epoch: the calendar day that is day 0; without it one that the seed names.
    """

    def __init__(self, seed: int, of: Sequence[Product] | None = None, epoch: date | None = None) -> None:
        self.seed = seed
        self.epoch = epoch or epoch_of(seed)
        self.products = tuple(of if of is not None else products())
        self._economy = economy(seed, self.epoch, self.products)
        self.truths = self._economy.truths
        self._index = {product.sku: index for index, product in enumerate(self.products)}
        self._wanted = lru_cache(maxsize=CHECKPOINT)(self._wanted_of)
        self._bought: dict[tuple[int, str], int] = {}
        self._taken: dict[int, Numbers] = {}
        self._states = {-1: self._economy.beginning}
        self._shelves: dict[int, tuple[Shelf, ...]] = {}
        self._lock = threading.RLock()

    def day(self, day: int) -> tuple[Shelf, ...]:
        """Every listing's shelf on `day`, in the order of `products`.

        Raises:
            ValueError: before day 0, or so late that living there would take minutes.
        """
        if not 0 <= day <= LONGEST_DAYS:
            raise ValueError(f"the demo world has days 0 to {LONGEST_DAYS}, not {day}")
        with self._lock:
            if day not in self._shelves:
                if len(self._shelves) > CHECKPOINT:
                    self._shelves.clear()
                self._shelves[day] = self._shown(day)
            return self._shelves[day]

    def settle(self, purchases: Mapping[tuple[int, str], int]) -> None:
        """Says all that was ever bought: units by (day, SKU). Days after the first change are lived through anew.

        Raises:
            KeyError: a SKU that the world does not know.
        """
        taken: defaultdict[int, Numbers] = defaultdict(lambda: np.zeros(len(self.products)))
        for (day, sku), units in purchases.items():
            taken[day][self._index[sku]] += units
        with self._lock:
            changed = [one[0][0] for one in purchases.items() ^ self._bought.items()]
            first = min(changed, default=LONGEST_DAYS)
            self._bought, self._taken = dict(purchases), dict(taken)
            self._states = {day: state for day, state in self._states.items() if day <= first}
            self._shelves = {day: shelves for day, shelves in self._shelves.items() if day <= first}

    def wanted(self, day: int) -> tuple[float, ...]:
        """Units of each listing's good that people want on average on `day` at its list price, whoever sells it."""
        return self._wanted(day)

    def purpose(self, day: int) -> tuple[Purpose, ...]:
        """Why each listing is reduced on `day`."""
        with self._lock:
            return tuple(Purpose(one) for one in self._state(day).purpose)

    def costs(self, day: int) -> tuple[float, ...]:
        """What a unit of each listing costs its seller on `day`, dinars."""
        return tuple(self._economy.sellers.paid(day).tolist())

    def _wanted_of(self, day: int) -> tuple[float, ...]:
        demand = self._economy.demand
        return tuple(demand.wanted(day)[demand.good].tolist())

    def _state(self, day: int) -> State:
        known = max(one for one in self._states if one <= day)
        state, none = self._states[known], np.zeros(len(self.products))
        for one in range(known + 1, day + 1):
            state = self._economy.next(one, state, self._taken.get(one - 1, none))
            self._states[one] = state
            old = one - 2 * CHECKPOINT
            if old >= 0 and old % CHECKPOINT:
                self._states.pop(old, None)
        return state

    def _shown(self, day: int) -> tuple[Shelf, ...]:
        state = self._state(day)
        columns = [state.price, state.old_price, state.stock, state.restocked_on]
        columns += [state.count, state.stars, state.sold, state.views]
        whole = np.array(columns).astype(np.int64).T.tolist()
        ranks = self._economy.rank(day, state).tolist()
        on_sale = self._economy.sellers.on_sale(state, day).tolist()
        return tuple(
            Shelf(price, old or None, stock, restocked, count, stars, sold, views, rank, on)
            for (price, old, stock, restocked, count, stars, sold, views), rank, on in zip(
                whole, ranks, on_sale, strict=True
            )
        )
