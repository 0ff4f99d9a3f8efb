"""What becomes of orders: the call, the way, the door, the way back; and the cash."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from demo import shoppers
from demo.shoppers import Offer, Rival, Shopper, Terms
from reseller import books, delivery, journal, sales

CARRIER, STAFF = "carrier", "staff"
HANDED_OVER_EVERY = 3
"""Days between two times at which the carrier brings the cash that it has collected."""
WAY_BACK = 3
"""Days that a parcel needs to come back."""


@dataclass(slots=True)
class Parcel:
    """An order on its way.

    Attributes:
        price: DZD per unit as it was ordered. quality: mean stars of the product.
        next: `call`, `door`, `back` or `return`; `due`: the day of it.
    """

    order_id: int
    shopper: Shopper
    price: float
    quality: float
    next: str
    due: int

    @property
    def days(self) -> int:
        """Days that the carrier takes to the door."""
        zone = delivery.zone(self.shopper.person.wilaya.code)
        return random.Random(f"{self.shopper.key}/way").randint(*zone.days)


@dataclass(frozen=True, slots=True)
class Morning:
    """A morning on which parcels move. `trust`: in our shop, 0 to 1; `rivals`: what the market asks, by SKU."""

    day: int
    now: datetime
    trust: float
    rivals: Mapping[str, Rival]


def move(work: Session, parcels: list[Parcel], morning: Morning) -> tuple[list[Parcel], Counter[str]]:
    """Moves what is due; the parcels that are still out, and how many came to which end. Does not commit."""
    ends: Counter[str] = Counter()
    for parcel in parcels:
        if parcel.due <= morning.day:
            ends[_STEPS[parcel.next](work, parcel, morning)] += 1
    return [one for one in parcels if one.next], ends


def hand_over(work: Session, day: int, now: datetime) -> None:
    """The carrier brings what it has collected, every few days. Does not commit."""
    owed = books.balance(work, "carrier")
    if day % HANDED_OVER_EVERY == 0 and owed > 0:
        journal.handed_over(work, owed, key=f"handed over {day}", who=CARRIER, why="cash collected", now=now)


def _call(work: Session, parcel: Parcel, morning: Morning) -> str:
    if not shoppers.answers_the_call(parcel.shopper, 1):
        sales.cancel(work, parcel.order_id, who=STAFF, why="nobody answered the call", now=morning.now)
        parcel.next = ""
        return "cancelled"
    sales.confirm(work, parcel.order_id, who=STAFF, why="confirmed by telephone", now=morning.now)
    sales.ship(work, parcel.order_id, who=STAFF, why="handed to the carrier", now=morning.now)
    parcel.next, parcel.due = "door", morning.day + parcel.days
    return "shipped"


def _door(work: Session, parcel: Parcel, morning: Morning) -> str:
    shopper = parcel.shopper
    offer = Offer(shopper.sku, parcel.price, shopper.quantity)
    terms = Terms(parcel.days + 1, float(delivery.zone(shopper.person.wilaya.code).fee))
    if shoppers.refuses(shopper, offer, morning.rivals.get(shopper.sku), terms, morning.trust):
        sales.refuse(work, parcel.order_id, who=CARRIER, why="refused at the door", now=morning.now)
        parcel.next, parcel.due = "back", morning.day + WAY_BACK
        return "refused"
    sales.deliver(work, parcel.order_id, who=CARRIER, why="delivered and paid", now=morning.now)
    after = shoppers.returned_after(shopper, parcel.quality)
    parcel.next, parcel.due = ("", 0) if after is None else ("return", morning.day + after)
    return "delivered"


def _back(work: Session, parcel: Parcel, morning: Morning) -> str:
    sales.take_back(work, parcel.order_id, who=CARRIER, why="came back", now=morning.now)
    end = "returned" if parcel.next == "return" else "back"
    parcel.next = ""
    return end


_STEPS: dict[str, Callable[[Session, Parcel, Morning], str]] = {
    "call": _call,
    "door": _door,
    "back": _back,
    "return": _back,
}
