"""Who comes to our shop on a day, who buys, who refuses the parcel at the door, and who sends it back later.

Pure: it is told what people want, what our shop shows and what the market shows, and says what they do. The same seed,
day, product and number is the same person with the same mood, so that a lower price or a better name wins people and
never merely others.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from demo.luck import poisson
from demo.people import Person, Wilaya, person

MOST_KNOWN = 0.15
"""Share of a product's buyers that comes to look at a shop like ours at the very best."""
SEARCHES = 2.5
"""How many more look for a product elsewhere when the market has sold out of it."""
MARKET_FEE = 400
"""Dinars for delivery from the market."""
MARKET_DAYS = 3
"""Days in which the market delivers."""
SHORTAGE_PREMIUM = 1.15
"""What people pay over the last price they saw, as gladly as that price itself, where the market has none left."""
DEAR_ORDER = 20_000
"""Dinars: above it a parcel is refused more often."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How our shop stands with people. `known`: share of buyers who come to look. `trust`: 0 to 1."""

    known: float = 0.015
    trust: float = 0.3

    def after(self, delivered: int = 0, cancelled: int = 0, returned: int = 0) -> Standing:
        """The standing after a day: orders delivered speak for us, those we cancelled or that came back against us."""
        known = self.known + (MOST_KNOWN - self.known) * (1 - math.exp(-0.0015 - 0.0006 * delivered))
        won = self.trust + (1 - self.trust) * (1 - math.exp(-0.004 * delivered))
        return replace(self, known=known, trust=won * math.exp(-0.05 * cancelled - 0.01 * returned))


@dataclass(frozen=True, slots=True)
class Offer:
    """What our shop shows of a product. `price` in dinars without delivery; `stock`: units that can be ordered."""

    sku: str
    price: float
    stock: int


@dataclass(frozen=True, slots=True)
class Rival:
    """What the market shows of the same product. `price` in dinars, the last one where it is `sold_out`."""

    price: float
    sold_out: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Our delivery to a wilaya: days promised, and the fee in dinars."""

    days: int
    fee: float


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody who came for a product. `key` is unique in a world; `moods` are chances drawn once and for all."""

    key: str
    person: Person
    sku: str
    quantity: int
    day: int
    moods: tuple[float, ...]


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def visitors(
    seed: int, day: int, wanted: Mapping[str, float], rivals: Mapping[str, Rival], skus: Sequence[str], known: float
) -> Iterator[Shopper]:
    """Who comes to look at what our shop shows on a day, in the order of `skus`.

    Args:
        wanted: units that people want a day, by SKU (`World.wanted`).
        rivals: by SKU; a product that the market does not have at all counts as sold out there.
    """
    for sku in skus:
        rng = random.Random(f"{seed}/{day}/{sku}/visitors")
        sold_out = sku not in rivals or rivals[sku].sold_out
        mean = wanted.get(sku, 0.0) * known * (SEARCHES if sold_out else 1.0)
        for number in range(int(poisson(np.array([max(1e-12, rng.random())]), np.array([mean]))[0])):
            yield _shopper(seed, day, sku, number)


def _shopper(seed: int, day: int, sku: str, number: int) -> Shopper:
    key = f"{seed}-{day}-{sku}-{number}"
    rng = random.Random(key)
    who = person(rng)
    quantity = rng.choices((1, 2, 3), (85, 11, 4))[0]
    return Shopper(key, who, sku, quantity, day, tuple(rng.random() for _ in range(6)))


def recall(key: str) -> Shopper:
    """The shopper of a key.

    Raises:
        ValueError: nobody has this key.
    """
    seed, day, rest = key.split("-", 2)
    sku, _, number = rest.rpartition("-")
    return _shopper(int(seed), int(day), sku, int(number))


def buys(shopper: Shopper, offer: Offer, rival: Rival | None, terms: Terms, trust: float) -> bool:
    """Whether a shopper orders: by our price and delivery against the market's, and by trust."""
    if offer.stock < shopper.quantity:
        return False
    return shopper.moods[0] < _chance(liking(offer, rival, terms, trust))


def liking(offer: Offer, rival: Rival | None, terms: Terms, trust: float) -> float:
    """Log odds of ordering. At the market's price, days and fee and middling trust: 45 in 100."""
    ours = offer.price + terms.fee
    elsewhere = (rival.price + MARKET_FEE) if rival else ours / SHORTAGE_PREMIUM
    scarce = rival is None or rival.sold_out
    fair = elsewhere * (SHORTAGE_PREMIUM if scarce else 1.0)
    steep = 6.0 if scarce else 9.0
    return -0.2 + steep * (1 - ours / fair) - 0.18 * (terms.days - MARKET_DAYS) + 2.2 * (trust - 0.6)


def orders(
    shoppers: Iterator[Shopper],
    offers: Mapping[str, Offer],
    rivals: Mapping[str, Rival],
    terms: Callable[[Wilaya], Terms],
    trust: float,
) -> Iterator[Shopper]:
    """Those who order, first come first served; what one takes the next finds gone."""
    left = {sku: offer.stock for sku, offer in offers.items()}
    for shopper in shoppers:
        offer = replace(offers[shopper.sku], stock=left[shopper.sku])
        if buys(shopper, offer, rivals.get(shopper.sku), terms(shopper.person.wilaya), trust):
            left[shopper.sku] -= shopper.quantity
            yield shopper


def answers_the_call(shopper: Shopper, days_waited: int = 0) -> bool:
    """Whether a shopper confirms by telephone; nobody waits for long."""
    return shopper.moods[1] < 0.94 * 0.93**days_waited


def refuses(shopper: Shopper, offer: Offer, rival: Rival | None, terms: Terms, trust: float) -> bool:
    """Whether the parcel is refused at the door.

    Args:
        offer: at the price of the order.
        rival: what the market shows on the day of delivery.
        terms: with the days that delivery really took.
    """
    ours = offer.price + terms.fee
    cheaper = max(0.0, ours / (rival.price + MARKET_FEE) - 1) if rival and not rival.sold_out else 0.0
    odds = -2.2 + 0.22 * max(0, terms.days - MARKET_DAYS) + 4.0 * cheaper - 1.2 * (trust - 0.5)
    odds += 0.25 * (shopper.person.wilaya.zone - 1) + 0.4 * (offer.price * shopper.quantity > DEAR_ORDER)
    return shopper.moods[2] < _chance(odds)


def returned_after(shopper: Shopper, quality: float) -> int | None:
    """Days after delivery on which a shopper sends it back, or None.

    Args:
        quality: mean stars of the product (`Truth.quality`).
    """
    if shopper.moods[3] >= 0.015 + 0.05 * max(0.0, 4.3 - quality):
        return None
    return 2 + int(shopper.moods[4] * 8)
