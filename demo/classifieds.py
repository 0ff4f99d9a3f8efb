"""Which classified ads stand on a day, at what price, with how many likes: a pure function of (seed, day)."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import NamedTuple

from demo import truth
from demo.catalogue import Ad, ads, products, slug
from demo.truth import Fashion
from demo.world import asked, poisson

FIRST_ID = 40_000_000
POSTINGS_OF_AD = 1_000
LOWEST_SHARE = 0.75
"""Of the first price: no seller goes lower."""


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


def _interest(ad: Ad, crazes: tuple[Fashion, ...], day: int) -> float:
    """What likes a day are multiplied by."""
    return max((craze.factor(day) for craze in crazes), default=1.0) if ad.follows else 1.0


def life(seed: int, ad: Ad, crazes: tuple[Fashion, ...]) -> Iterator[Posting | None]:
    """Day 0, 1, 2, ... of one ad; None while it is not posted."""
    rng = random.Random(f"{seed}/ad/{ad.number}")
    liked = rng.lognormvariate(-0.4, 0.7)
    chance_of_end = 0.004 if ad.store else 0.03
    generation, day = 0, 0
    posted_days_ago = rng.randint(0, 30)
    while True:
        price, old_price = ad.price, ad.old_price
        likes = poisson(rng, liked * posted_days_ago)
        refreshed = posted = (day - posted_days_ago, rng.randint(0, 350))
        while True:
            if rng.random() < (0.5 if ad.store else 0.15) or refreshed[0] < day - 20:
                refreshed = (day, rng.randint(0, 350))
            lowered, share = rng.random() < 0.03, rng.uniform(0.9, 0.97)
            if lowered and ad.price and price and price * share > max(1_000, ad.price * LOWEST_SHARE):
                price, old_price = asked(price * share), price
            likes += poisson(rng, liked * _interest(ad, crazes, day))
            number = FIRST_ID + ad.number * POSTINGS_OF_AD + generation
            yield Posting(number, ad, price, old_price, likes, posted, refreshed)
            day += 1
            if rng.random() < chance_of_end:
                break
        for _ in range(rng.randint(4, 20)):
            yield None
            day += 1
        generation, posted_days_ago = generation + 1, 0


class Classifieds:
    """The classifieds of one seed."""

    def __init__(self, seed: int) -> None:
        crazes = truth.crazes(seed, products())
        self._lives = [life(seed, ad, crazes.get(ad.follows.sku, ()) if ad.follows else ()) for ad in ads()]
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
