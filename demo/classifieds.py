"""Which classified ads stand on a day, at what price, with how many likes: a pure function of the world and the day.

Ads follow demand: what is wanted more is liked more and sold sooner, and stores put it up again at once.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from demo.catalogue import Ad, ads, slug
from demo.luck import poisson
from demo.sellers import asked
from demo.world import World

FIRST_ID = 40_000_000
POSTINGS_OF_AD = 1_000
LOWEST_SHARE = 0.75
"""Of the first price: no seller goes lower."""
NOTICED = 1
"""Days after which a change in demand shows in likes."""


class Posting(NamedTuple):
    """An ad on one day. A sold thing's ad goes; some weeks later its seller posts another under a new id.

    Attributes:
        price: whole dinars or None. old_price: before it was lowered.
        refreshed: (day, minutes after midnight) at which its seller last moved it to the top.
    """

    id: int
    ad: Ad
    price: int | None
    old_price: int | None
    likes: int
    posted: tuple[int, int]
    refreshed: tuple[int, int]

    @property
    def slug(self) -> str:
        return slug(f"{self.ad.category_name} {self.ad.title} {self.ad.city} {self.ad.region} algerie")


def _count(rng: random.Random, mean: float) -> int:
    return int(poisson(np.array([max(1e-12, rng.random())]), np.array([mean]))[0])


def _lowered(price: int, share: float) -> int:
    return int(asked(np.array([price * share]))[0])


def life(seed: int, ad: Ad, interest: Callable[[int], float]) -> Iterator[Posting | None]:
    """Day 0, 1, 2, ... of one ad; None while it is not posted.

    Args:
        interest: what likes a day are multiplied by, by day.
    """
    rng = random.Random(f"{seed}/ad/{ad.number}")
    liked = rng.lognormvariate(-0.4, 0.7)
    chance_of_end = 0.004 if ad.store else 0.03
    generation, day = 0, 0
    posted_days_ago = rng.randint(0, 30)
    while True:
        price, old_price = ad.price, ad.old_price
        likes = _count(rng, liked * posted_days_ago)
        refreshed = posted = (day - posted_days_ago, rng.randint(0, 350))
        while True:
            wanted = interest(day)
            if rng.random() < (0.5 if ad.store else 0.15) or refreshed[0] < day - 20:
                refreshed = (day, rng.randint(0, 350))
            lowered, share = rng.random() < 0.03 / max(0.3, wanted), rng.uniform(0.9, 0.97)
            if lowered and ad.price and price and price * share > max(1_000, ad.price * LOWEST_SHARE):
                price, old_price = _lowered(price, share), price
            likes += _count(rng, liked * wanted)
            number = FIRST_ID + ad.number * POSTINGS_OF_AD + generation
            yield Posting(number, ad, price, old_price, likes, posted, refreshed)
            day += 1
            if rng.random() < chance_of_end * min(3.0, wanted):
                break
        for _ in range(rng.randint(1, 4) if wanted > 2 else rng.randint(4, 20)):
            yield None
            day += 1
        generation, posted_days_ago = generation + 1, 0


class Classifieds:
    """The classifieds of one world."""

    def __init__(self, world: World) -> None:
        index = {product.sku: at for at, product in enumerate(world.products)}
        usual = [truth.demand for truth in world.truths]

        def followed(ad: Ad) -> Callable[[int], float]:
            if ad.follows is None:
                return lambda _: 1.0
            at = index[ad.follows.sku]
            return lambda day: world.wanted(max(0, day - NOTICED))[at] / usual[at]

        self._lives = [life(world.seed, ad, followed(ad)) for ad in ads()]
        self._days: list[tuple[Posting, ...]] = []
        self._lock = threading.Lock()

    def day(self, day: int) -> tuple[Posting, ...]:
        """The ads of a day, the last refreshed first."""
        if day >= len(self._days):
            with self._lock:
                while day >= len(self._days):
                    standing = [posting for posting in (next(one) for one in self._lives) if posting]
                    standing.sort(key=lambda posting: (posting.refreshed, posting.id), reverse=True)
                    self._days.append(tuple(standing))
        return self._days[day]
