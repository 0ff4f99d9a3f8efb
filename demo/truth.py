"""What the market never shows: how much each product is wanted, what it costs its seller, when it comes into fashion.

Drawn from the seed and the SKU alone, so that a product added to the data changes no other (save that it may take the
place of one in a wave of fashion). A score of how well an
agent reads the market compares its guesses with this.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from demo.catalogue import Product

FIRST_RISERS = 16
FIRST_DEAR = 4
LATER_RISERS = 6
WAVE_DAYS = 30
WAVES = 40
AFFORDABLE = 7_000
"""Dinars: most first risers cost less, so that a small reseller can follow them."""


@dataclass(frozen=True, slots=True)
class Fashion:
    """A craze: from day `start` demand rises by `lift` times, half of it after 1.5 `ramp` days; after `plateau` days
    it fades with `half_life`, in days."""

    start: int
    lift: float
    ramp: float
    plateau: float
    half_life: float

    def factor(self, day: int) -> float:
        """What demand is multiplied by on `day`."""
        age = day - self.start
        if age < 0:
            return 1.0
        risen = 1 / (1 + math.exp(3 - age / self.ramp * 2))
        faded = math.pow(0.5, max(0.0, age - self.plateau) / self.half_life)
        return 1 + self.lift * risen * faded


@dataclass(frozen=True, slots=True)
class Truth:
    """The hidden side of one product.

    Attributes:
        demand: units wanted a day at the list price, out of fashion.
        elasticity: percent of demand lost for a percent of price.
        cost: what the seller paid, a fraction of the list price.
        quality: mean of the stars that buyers give.
        review_rate: fraction of buyers who rate.
        discount_rate: chance that a discount begins on a day.
        inflates: whether the seller shows an old price that was never asked.
        launched: first day on sale; below 0: before the world began.
        withdrawn: day from which it is gone for good, or None.
        crazes: when it is in fashion.
    """

    demand: float
    elasticity: float
    cost: float
    quality: float
    review_rate: float
    discount_rate: float
    inflates: bool
    launched: int
    withdrawn: int | None
    sponsored: bool
    crazes: tuple[Fashion, ...]

    def wanted(self, day: int, price: int, list_price: int) -> float:
        """Mean units wanted on `day` at `price` dinars."""
        fashion = math.prod(craze.factor(day) for craze in self.crazes)
        return self.demand * fashion * float((price / list_price) ** -self.elasticity)


def _craze(rng: random.Random, first: int, last: int) -> Fashion:
    return Fashion(
        start=rng.randint(first, last),
        lift=rng.uniform(5, 10),
        ramp=rng.uniform(1.0, 2.2),
        plateau=rng.uniform(10, 18),
        half_life=rng.uniform(12, 30),
    )


def _drawn(seed: int, wave: int, among: Sequence[Product], count: int) -> list[tuple[Product, random.Random]]:
    """A sample in which a product's chance rests on its own lot, so that a new product pushes out one at most."""

    def lot(product: Product) -> bytes:
        return hashlib.sha256(f"{seed}/{product.sku}/craze/{wave}".encode()).digest()

    return [(product, random.Random(lot(product))) for product in sorted(among, key=lot)[:count]]


def crazes(seed: int, products: Sequence[Product]) -> dict[str, tuple[Fashion, ...]]:
    """Which products take off, and when: a first wave in the first days, then a smaller one every 30 days."""
    cheap = [product for product in products if product.list_price <= AFFORDABLE]
    dear = [product for product in products if product.list_price > AFFORDABLE]
    risers = _drawn(seed, 0, cheap, FIRST_RISERS - FIRST_DEAR) + _drawn(seed, 0, dear, FIRST_DEAR)
    found = {product.sku: [_craze(rng, 1, 5)] for product, rng in risers}
    for wave in range(1, WAVES):
        for product, rng in _drawn(seed, wave, products, LATER_RISERS):
            found.setdefault(product.sku, []).append(_craze(rng, wave * WAVE_DAYS, wave * WAVE_DAYS + 20))
    return {sku: tuple(list_) for sku, list_ in found.items()}


def _usual_demand(rng: random.Random, product: Product) -> float:
    """Cheap things sell often: about 12 a day at 500 DA, 4 at 5,000, 1.2 at 50,000, widely scattered."""
    return 12 * math.sqrt(500 / product.list_price) * rng.lognormvariate(0, 0.6)


def draw(seed: int, product: Product, of_product: tuple[Fashion, ...]) -> Truth:
    """The truth about one product."""
    rng = random.Random(f"{seed}/{product.sku}/truth")
    demand = _usual_demand(rng, product)
    rises_soon = any(craze.start < WAVE_DAYS for craze in of_product)
    starts_later = not rises_soon and rng.random() < 0.07
    ends = not rises_soon and not starts_later and rng.random() < 0.05
    return Truth(
        demand=max(demand, 2.5) if rises_soon else demand,
        elasticity=rng.uniform(1.1, 2.6),
        cost=rng.uniform(0.62, 0.85),
        quality=min(4.9, max(2.6, rng.gauss(4.1, 0.45))),
        review_rate=rng.uniform(0.06, 0.16),
        discount_rate=rng.choice((0.01, 0.03, 0.06, 0.09)),
        inflates=rng.random() < 0.2,
        launched=rng.randint(2, 40) if starts_later else -rng.randint(10, 700),
        withdrawn=rng.randint(4, 60) if ends else None,
        sponsored=rng.random() < 0.06,
        crazes=of_product,
    )
