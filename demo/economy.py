"""What happens on a day: sellers take in, order, put up and price; buyers come; some rate. From state to state.

Everything here is fixed by seed, epoch and products, so that worlds that share them share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np

from demo.catalogue import Product
from demo.demand import Demand
from demo.luck import Luck, Numbers, between, normal, poisson
from demo.seasons import Year
from demo.sellers import NEVER, Sellers, State, asked
from demo.truth import truths

WARM_UP = 45
"""Days lived through before day 0, so that a world begins with old stock and with discounts under way."""
RATED_AFTER = ((2, 0.5), (4, 0.3), (6, 0.2))
"""Days after a sale, and the share of ratings that come then."""
WEEKS, DAYS = 0.12, 0.35
"""What the last day weighs in the moving means `pace` and `popularity`."""
STOCKED, COPIED, PRICED, SOLD, RANKED, DRAWS = slice(0, 2), slice(2, 5), slice(5, 12), slice(12, 16), 16, 17


class Economy:
    """The market's laws for some products. Safe for several threads."""

    def __init__(self, seed: int, epoch: date, products: Sequence[Product]) -> None:
        self.truths = truths(seed, products)
        year = Year(products, epoch)
        self.demand = Demand(products, self.truths, year)
        self.sellers = Sellers(products, self.truths, self.demand, year)
        self._luck = Luck(seed, [product.sku for product in products], DRAWS)
        self._rates = np.array([truth.review_rate for truth in self.truths])
        self._quality = np.array([truth.quality for truth in self.truths])
        self._list_price = np.array([product.list_price for product in products], dtype=np.float64)
        self.beginning = self._lived_to_day_0()

    def next(self, day: int, before: State, bought: Numbers) -> State:
        """The state on the evening of `day`.

        Args:
            before: of the evening before.
            bought: units of each listing that we took on the day before.
        """
        luck = self._luck.on(day)
        taken = np.minimum(bought, before.stock)
        sold = before.sold + taken
        state = replace(
            before,
            stock=before.stock - taken,
            pace=before.pace + (sold - before.pace) * WEEKS,
            popularity=before.popularity + (sold - before.popularity) * DAYS,
        )
        state = self.sellers.stocked(state, day, luck[STOCKED])
        state = self.sellers.copied(state, day, luck[COPIED])
        state = self.sellers.priced(state, day, luck[PRICED])
        return self._sold(state, day, luck[SOLD])

    def rank(self, day: int, state: State) -> Numbers:
        """What rankings go by: what sold in the days before, with noise."""
        return np.asarray(state.popularity * np.exp(0.1 * normal(self._luck.on(day)[RANKED])), dtype=np.float64)

    def _sold(self, state: State, day: int, luck: Numbers) -> State:
        available = self.sellers.on_sale(state, day) & (state.stock > 0)
        mood = np.exp(0.25 * normal(luck[0]))
        wanted = poisson(luck[1], self.demand.asked_of(day, state.price, available, mood))
        sold = np.minimum(wanted, state.stock)
        raters = self._rates * sum(share * state.to_rate[after - 1] for after, share in RATED_AFTER)
        new = poisson(luck[2], raters)
        stars = np.clip(np.round(new * self._quality + np.sqrt(new) * normal(luck[3])), new, 5 * new)
        return replace(
            state,
            stock=state.stock - sold,
            sold=sold,
            views=np.round((wanted * 22 + 6) * mood),
            count=state.count + new,
            stars=state.stars + stars,
            to_rate=np.vstack([sold, state.to_rate[:-1]]),
        )

    def _lived_to_day_0(self) -> State:
        first = -1 - WARM_UP
        state = self._set_up(first, self._luck.on(first))
        for day in range(first + 1, 0):
            state = self.next(day, state, np.zeros_like(state.stock))
        return state

    def _set_up(self, day: int, luck: Numbers) -> State:
        is_copy = self.sellers.is_copy
        listed = ~is_copy | (luck[3] < 0.3)
        price = self._list_price * np.where(is_copy, between(luck[4], 0.92, 1.04), 1.0)
        usual = np.array([truth.demand for truth in self.truths]) * np.where(is_copy, 0.5, 1.0)
        age = np.array([max(0, -truth.launched) for truth in self.truths])
        there = listed & (age > 0)
        count = np.where(there, poisson(luck[5], np.minimum(age, 400) * usual * self._rates * 0.35), 0)
        none, never = np.zeros(len(price)), np.full(len(price), NEVER, dtype=np.int64)
        return State(
            level=price,
            shown=asked(price),
            price=asked(price),
            old_price=none,
            until=never,
            depth=none,
            purpose=np.zeros_like(never),
            below=np.zeros_like(never),
            stock=np.where(listed, np.maximum(3, np.round(usual * between(luck[6], 5, 25))), 0),
            restocked_on=np.full_like(never, day),
            due=never,
            coming=none,
            listed=listed,
            copied_on=never,
            sold=none,
            views=none,
            pace=np.where(there, usual, 0),
            popularity=np.where(there, usual, 0),
            count=count,
            stars=np.round(count * self._quality),
            to_rate=np.zeros((max(after for after, _ in RATED_AFTER), len(price))),
        )


@lru_cache(maxsize=4)
def economy(seed: int, epoch: date, products: tuple[Product, ...]) -> Economy:
    """The one economy of a seed, an epoch and some products."""
    return Economy(seed, epoch, products)
