"""The state of the market by day: a pure function of (seed, day). No clock, no file, no network.

Each product lives its own life, a generator that yields one `Shelf` a day from its own stream of random numbers. Day n
is reached by living through the days before, once; whoever asks for whatever days in whatever order gets the same.
"""

from __future__ import annotations

import math
import random
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from demo import truth
from demo.catalogue import Product, products
from demo.truth import Truth

LONGEST_DAYS = 3_650
REVIEW_DELAY = 2
RECENT = 7
WEEKDAYS = (1.0, 0.95, 0.95, 1.05, 1.25, 1.15, 0.9)


class Shelf(NamedTuple):
    """One product on one day, as it stands in the evening.

    Attributes:
        price: whole dinars. old_price: struck through, or None.
        stock: units left. restocked_on: day of the last delivery.
        rating_count, rating_sum: cumulative ratings and stars.
        sold: units sold that day. popularity: moving mean of units sold a day.
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


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson number: Knuth's product of uniforms, the normal approximation above 30."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def asked(price: float) -> int:
    """A price as sellers write it: steps of 10 to 2,000 DA, 50 to 20,000 DA, 100 above."""
    step = 10 if price < 2_000 else 50 if price < 20_000 else 100
    return max(step, round(price / step) * step)


class _Pricing:
    """A seller's price: a slow drift, steps every few days, discounts that begin and end."""

    def __init__(self, rng: random.Random, product: Product, hidden: Truth) -> None:
        self._rng, self._hidden = rng, hidden
        self._level = float(product.list_price)
        self._shown = asked(self._level)
        self._until, self._depth = -1, 0.0

    def on(self, day: int) -> tuple[int, int | None]:
        rng = self._rng
        self._level *= 1 + rng.gauss(0.0004, 0.004)
        moves, starts, depth, length = rng.random(), rng.random(), rng.uniform(0.07, 0.32), rng.randint(3, 8)
        if moves < 0.08:
            self._shown = asked(self._level)
        if day > self._until and starts < self._hidden.discount_rate:
            self._until, self._depth = day + length, depth
        if day <= self._until:
            price = asked(self._shown * (1 - self._depth))
            return price, self._shown if price < self._shown else None
        return self._shown, asked(self._shown * 1.35) if self._hidden.inflates else None


class _Stockroom:
    """A seller's stock: reorders up to two weeks of what sold lately, delivered some days later."""

    def __init__(self, rng: random.Random, hidden: Truth) -> None:
        self._rng = rng
        self._usual = hidden.demand
        self.units = max(3, round(hidden.demand * rng.uniform(5, 25)))
        self.restocked_on = -1
        self._due: int | None = None

    def open(self, day: int, sold_a_day: float) -> None:
        """The morning: takes in what was ordered, orders what runs low."""
        lead = self._rng.choices((1, 2, 3, 6), (6, 5, 2, 1))[0]
        expected = max(sold_a_day, self._usual * 0.7)
        if self._due is not None and day >= self._due:
            self.units += max(4, round(expected * 14))
            self.restocked_on, self._due = day, None
        elif self._due is None and self.units < expected * 4:
            self._due = day + lead


def life(seed: int, product: Product, hidden: Truth) -> Iterator[Shelf]:
    """Day 0, 1, 2, ... of one product."""
    rng = random.Random(f"{seed}/{product.sku}/life")
    pricing, stockroom = _Pricing(rng, product, hidden), _Stockroom(rng, hidden)
    age = max(0, -hidden.launched)
    count = poisson(rng, min(age, 400) * hidden.demand * hidden.review_rate * 0.35)
    stars = round(count * hidden.quality)
    recent: deque[int] = deque([poisson(rng, hidden.demand) for _ in range(RECENT)] if age else [], maxlen=RECENT)
    to_review: deque[int] = deque([0] * REVIEW_DELAY)
    popularity = hidden.demand if age else 0.0
    day = 0
    while True:
        on_sale = day >= hidden.launched and (hidden.withdrawn is None or day < hidden.withdrawn)
        price, old_price = pricing.on(day)
        stockroom.open(day, max(sum(recent) / max(1, len(recent)), popularity))
        noise = rng.lognormvariate(0, 0.25)
        mean = hidden.wanted(day, price, product.list_price) * WEEKDAYS[day % 7] * noise if on_sale else 0.0
        wanted = poisson(rng, mean)
        sold = min(wanted, stockroom.units)
        stockroom.units -= sold
        recent.append(sold)
        to_review.append(sold)
        new = poisson(rng, to_review.popleft() * hidden.review_rate)
        count += new
        stars += sum(min(5, max(1, round(rng.gauss(hidden.quality, 1.0)))) for _ in range(new))
        popularity += (sold - popularity) * 0.35
        views = round((wanted * 22 + 6) * noise)
        yield Shelf(
            price, old_price, stockroom.units, stockroom.restocked_on, count, stars, sold, views, popularity, on_sale
        )
        day += 1


class World:
    """The market of one seed. `truths` is for judging an agent, never for a page."""

    def __init__(self, seed: int, of: Sequence[Product] | None = None) -> None:
        self.seed = seed
        self.products = tuple(of if of is not None else products())
        crazes = truth.crazes(seed, self.products)
        self.truths = tuple(truth.draw(seed, product, crazes.get(product.sku, ())) for product in self.products)
        self._lives = [life(seed, product, hidden) for product, hidden in zip(self.products, self.truths, strict=True)]
        self._days: list[tuple[Shelf, ...]] = []
        self._lock = threading.Lock()

    def day(self, day: int) -> tuple[Shelf, ...]:
        """Every product's shelf on `day`, in the order of `products`.

        Raises:
            ValueError: before day 0, or so late that living there would take minutes.
        """
        if not 0 <= day <= LONGEST_DAYS:
            raise ValueError(f"the demo world has days 0 to {LONGEST_DAYS}, not {day}")
        if day >= len(self._days):
            with self._lock:
                while day >= len(self._days):
                    self._days.append(tuple(next(one) for one in self._lives))
        return self._days[day]
