"""How sellers act: they reprice, follow each other, discount for a reason, order, run out, and take up what sells well.

Every seller sees his own shelf, the public prices and the rankings, as they stood the evening before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from demo.catalogue import Product
from demo.demand import DEARER_DAILY, Demand
from demo.luck import Numbers, between, normal
from demo.seasons import Year
from demo.truth import Truth

Flags = NDArray[np.bool_]
Days = NDArray[np.int64]
NEVER = -1_000_000
LATE = 0.05
"""Share of orders that customs or the maker hold up for weeks."""
LONGEST_BELOW_COST = 7
SEASON_AHEAD = 12
HOT = 1.7
"""A good that sells this much more than usual is taken up by others."""


class Purpose(IntEnum):
    """Why a price is reduced."""

    NONE = 0
    CAMPAIGN = 1
    OLD_STOCK = 2
    SEASON_END = 3


@dataclass(frozen=True, slots=True)
class State:
    """All shelves on the evening of one day; every array has one entry a listing. Nothing in it is ever changed.

    Attributes:
        level: what the seller thinks the listing is worth, dinars. shown: his price without a discount.
        price: what is asked. old_price: struck through, or 0.
        until, depth, purpose: the discount that runs, the last day of it, and what it is for.
        below: days below cost in the discount that runs.
        stock: units left. restocked_on: day of the last delivery. due, coming: day and units of the next, or NEVER.
        listed: whether the listing exists. copied_on: day on which a copy will be put up, or NEVER.
        sold: units sold to others than us. views: how often it was looked at.
        pace: moving mean of units sold a day, of weeks. popularity: the same, of days.
        count, stars: ratings. to_rate: units sold whose buyers have yet to rate, one row a day.
    """

    level: Numbers
    shown: Numbers
    price: Numbers
    old_price: Numbers
    until: Days
    depth: Numbers
    purpose: Days
    below: Days
    stock: Numbers
    restocked_on: Days
    due: Days
    coming: Numbers
    listed: Flags
    copied_on: Days
    sold: Numbers
    views: Numbers
    pace: Numbers
    popularity: Numbers
    count: Numbers
    stars: Numbers
    to_rate: Numbers


def asked(price: Numbers) -> Numbers:
    """Prices as sellers write them: steps of 10 to 2,000 DA, 50 to 20,000 DA, 100 above."""
    step = np.where(price < 2_000, 10, np.where(price < 20_000, 50, 100))
    return np.maximum(step, np.round(price / step) * step)


def _not_below(price: Numbers, floor: Numbers) -> Numbers:
    step = np.where(floor < 2_000, 10, np.where(floor < 20_000, 50, 100))
    return np.where(price < floor, np.ceil(floor / step) * step, price)


class Sellers:
    """The supply side of one world."""

    def __init__(self, products: Sequence[Product], truths: Sequence[Truth], demand: Demand, year: Year) -> None:
        self._demand, self._year = demand, year
        self._list_price = np.array([product.list_price for product in products], dtype=np.float64)
        self.cost = np.array([truth.cost for truth in truths])
        self._usual = np.array([truth.demand for truth in truths])
        self._cover = np.array([truth.cover for truth in truths])
        self._imported = np.array([truth.imported for truth in truths])
        self._campaigns = np.array([truth.discount_rate for truth in truths])
        self._inflates = np.array([truth.inflates for truth in truths])
        self.is_copy = np.array([product.copy_of is not None for product in products])
        self._launched = np.array([truth.launched for truth in truths])
        self._withdrawn = np.array([truth.withdrawn or 10**6 for truth in truths])

    def on_sale(self, state: State, day: int) -> Flags:
        """Launched or put up, and not withdrawn."""
        return state.listed & (day >= self._launched) & (day < self._withdrawn)

    def stocked(self, before: State, day: int, luck: Numbers) -> State:
        """The morning: takes in what comes, orders what runs low."""
        arrives = before.due == day
        stock = before.stock + np.where(arrives, before.coming, 0)
        due = np.where(arrives, NEVER, before.due)
        coming = np.where(arrives, 0, before.coming)
        foreseen = np.sqrt(np.maximum(1, self._year.factor(day + SEASON_AHEAD) / self._year.factor(day)))
        expected = np.maximum(before.pace, self._usual * np.where(self.is_copy, 0.1, 0.5)) * foreseen
        lead = np.select([luck[0] < 0.43, luck[0] < 0.79, luck[0] < 0.93], [1, 2, 3], 6)
        lead = np.where(self._imported, np.round(between(luck[0], 6, 18)), lead)
        lead = np.where(luck[1] < LATE, np.round(between(luck[0], 12, 32)), lead).astype(np.int64)
        runs_low = stock < expected * np.where(self._imported, 12, 4)
        fading = self.is_copy & (before.pace < self._usual * 0.35)
        orders = runs_low & (due == NEVER) & before.listed & ~fading & (day < self._withdrawn)
        due = np.where(orders, day + lead, due)
        coming = np.where(orders, np.maximum(4, np.round(expected * self._cover)), coming)
        listed = before.listed & ~(self.is_copy & (stock <= 0) & (due == NEVER) & fading)
        return replace(
            before,
            stock=stock,
            due=due,
            coming=coming,
            listed=listed,
            restocked_on=np.where(arrives, day, before.restocked_on),
        )

    def copied(self, state: State, day: int, luck: Numbers) -> State:
        """Sellers notice what sells far more than usual, and offer it themselves some weeks later."""
        of_good = np.bincount(self._demand.good, state.pace, len(self._demand.first))[self._demand.good]
        hot = of_good > HOT * self._usual
        waits = self.is_copy & ~state.listed & (state.copied_on == NEVER) & hot & (luck[0] < 0.15)
        copied_on = np.where(waits, day + np.round(between(luck[1], 9, 24)).astype(np.int64), state.copied_on)
        starts = copied_on == day
        others = state.shown[self._demand.first][self._demand.good]
        level = np.where(starts, others * between(luck[2], 0.9, 1.03), state.level)
        first_stock = np.maximum(4, np.round(of_good * self._cover * 0.4))
        shown = np.where(starts, _not_below(asked(level), self.paid(day)), state.shown)
        return replace(
            state,
            level=level,
            shown=shown,
            price=np.where(starts, shown, state.price),
            old_price=np.where(starts, 0, state.old_price),
            stock=np.where(starts, first_stock, state.stock),
            restocked_on=np.where(starts, day, state.restocked_on),
            listed=state.listed | starts,
            copied_on=np.where(starts, NEVER, copied_on),
            pace=np.where(starts, of_good * 0.3, state.pace),
            popularity=np.where(starts, 0, state.popularity),
        )

    def paid(self, day: int) -> Numbers:
        """What a unit costs the sellers on a day, dinars."""
        return self.cost * self._list_price * (1 + DEARER_DAILY) ** day

    def priced(self, state: State, day: int, luck: Numbers) -> State:
        """The day's prices."""
        paid = self.paid(day)
        level = state.level * (1 + DEARER_DAILY + 0.004 * normal(luck[0]))
        there = self.on_sale(state, day) & (state.stock > 0)
        shown = self._repriced(state, level, there, paid, luck)
        until, depth, purpose = self._reduced(state, day, luck)
        running = day <= until
        clearing = running & (purpose != Purpose.CAMPAIGN) & (state.below < LONGEST_BELOW_COST)
        floor = paid * np.where(clearing, 0.9, 1.0)
        price = _not_below(asked(shown * np.where(running, 1 - depth, 1.0)), floor)
        shown = np.maximum(shown, price)
        claimed = np.where(self._inflates & ~running, asked(shown * 1.35), 0)
        return replace(
            state,
            level=level,
            shown=shown,
            price=price,
            old_price=np.where(running & (price < shown), shown, claimed),
            until=until,
            depth=depth,
            purpose=np.where(running, purpose, Purpose.NONE),
            below=np.where(running, state.below + (price < paid), 0),
        )

    def _repriced(self, state: State, level: Numbers, there: Flags, paid: Numbers, luck: Numbers) -> Numbers:
        """A step now and then: up where stock is short or sales fast, down where they are slow; and after a rival."""
        fast = np.clip(np.log(np.maximum(state.pace, 0.05) / np.maximum(self._usual, 0.05)), -1, 2)
        short = np.clip(1 - state.stock / np.maximum(4 * state.pace, 1), 0, 1)
        target = level * (1 + 0.05 * np.maximum(fast, 0) + 0.06 * short - 0.05 * np.maximum(-fast, 0))
        target = np.clip(target, 0.85 * level, 1.25 * level)
        shown = np.where(luck[1] < 0.08 + 0.1 * short, asked(target), state.shown)
        rival = self._cheapest_other(state.price, there)
        follows = (rival < shown * 0.98) & (luck[2] < 0.3)
        return np.asarray(np.where(follows, _not_below(asked(rival * 0.99), paid * 1.04), shown), dtype=np.float64)

    def _cheapest_other(self, price: Numbers, there: Flags) -> Numbers:
        """The lowest price that another seller of the same good asks; endless where there is none."""
        good, goods = self._demand.good, len(self._demand.first)
        offered = np.where(there, price, np.inf)
        lowest = np.full(goods, np.inf)
        np.minimum.at(lowest, good, offered)
        is_lowest = offered == lowest[good]
        second = np.full(goods, np.inf)
        np.minimum.at(second, good, np.where(is_lowest, np.inf, offered))
        return np.asarray(np.where(is_lowest, second[good], lowest[good]), dtype=np.float64)

    def _reduced(self, state: State, day: int, luck: Numbers) -> tuple[Days, Numbers, Days]:
        """Discounts that begin: a campaign, stock that lies too long, a season that ends."""
        free = day > state.until
        lasts = state.stock / np.maximum(state.pace, self._usual * 0.05)
        ending = self._year.factor(day + SEASON_AHEAD) < 0.75 * self._year.factor(day)
        reasons = [
            free & ending & (lasts > 10) & (luck[4] < 0.2),
            free & (lasts > 28) & (day - state.restocked_on > 20) & (luck[4] < 0.1),
            free & (luck[3] < self._campaigns),
        ]
        purpose = np.select(reasons, [Purpose.SEASON_END, Purpose.OLD_STOCK, Purpose.CAMPAIGN], state.purpose)
        begins = reasons[0] | reasons[1] | reasons[2]
        length = np.where(purpose == Purpose.CAMPAIGN, between(luck[5], 3, 8), between(luck[5], 6, 14))
        depth = np.where(purpose == Purpose.CAMPAIGN, between(luck[6], 0.07, 0.32), between(luck[6], 0.12, 0.38))
        until = np.where(begins, day + np.round(length), state.until).astype(np.int64)
        return until, np.where(begins, depth, state.depth), purpose.astype(np.int64)
