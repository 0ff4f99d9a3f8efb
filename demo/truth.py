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
from dataclasses import dataclass, replace

from demo.catalogue import Product

FIRST_RISERS = 24
FIRST_DEAR = 8
LATER_RISERS = 16
WAVE_DAYS = 30
WAVES = 125
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
    """The hidden side of one listing. What buyers want they want of a good, whichever seller offers it.

    Attributes:
        demand: units of the good wanted a day at the list price, in no fashion and no season.
        elasticity: percent of demand lost for a percent of price.
        cost: what the seller paid, a fraction of the list price.
        quality: mean of the stars that buyers give.
        review_rate: fraction of buyers who rate.
        discount_rate: chance that a campaign begins on a day.
        inflates: whether the seller shows an old price that was never asked.
        cover: days of sales that the seller orders at a time.
        imported: whether deliveries come over the sea, in weeks.
        launched: first day on sale; below 0: before the world began. A copy's day is the market's to say.
        withdrawn: day from which it is gone for good, or None.
        ages: day from which it is going out of use, or None. half_life: days in which it then loses half its demand.
        crazes: when it is in fashion.
    """

    demand: float
    elasticity: float
    cost: float
    quality: float
    review_rate: float
    discount_rate: float
    inflates: bool
    cover: float
    imported: bool
    launched: int
    withdrawn: int | None
    ages: int | None
    half_life: float
    sponsored: bool
    crazes: tuple[Fashion, ...]

    def life(self, day: int) -> float:
        """What launch, fashion and decay multiply demand by on `day`."""
        age = day - self.launched
        new = (1 - math.exp(-(age + 1) / 6)) * (1 + 0.7 * math.exp(-age / 35)) if self.launched >= 0 else 1.0
        old = math.pow(0.5, max(0, day - self.ages) / self.half_life) if self.ages is not None else 1.0
        return math.prod(
            (craze.factor(day) for craze in self.crazes if craze.start <= day), start=new * old * (age >= 0)
        )


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
    """The truth about one good at the seller who had it first."""
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
        cover=rng.uniform(8, 22),
        imported=product.seller.kind == "abroad",
        launched=rng.randint(2, 200) if starts_later else -rng.randint(10, 700),
        withdrawn=rng.randint(4, 360) if ends else None,
        ages=rng.randint(-60, 300) if rng.random() < 0.25 and not rises_soon else None,
        half_life=rng.uniform(40, 200),
        sponsored=rng.random() < 0.06,
        crazes=of_product,
    )


def copied(seed: int, product: Product, original: Truth) -> Truth:
    """The truth about another seller's listing of the good: he buys, orders and discounts in his own way."""
    rng = random.Random(f"{seed}/{product.sku}/truth")
    return replace(
        original,
        cost=min(0.86, original.cost * rng.uniform(0.94, 1.08)),
        discount_rate=rng.choice((0.01, 0.03, 0.06)),
        inflates=rng.random() < 0.3,
        cover=rng.uniform(7, 16),
        imported=product.seller.kind == "abroad",
        sponsored=False,
    )


def truths(seed: int, products: Sequence[Product]) -> tuple[Truth, ...]:
    """The truth about each listing of a world."""
    goods = [product for product in products if product.copy_of is None]
    rising = crazes(seed, goods)
    of_good = {product.sku: draw(seed, product, rising.get(product.sku, ())) for product in goods}
    return tuple(
        copied(seed, product, of_good[product.good]) if product.copy_of else of_good[product.sku]
        for product in products
    )
