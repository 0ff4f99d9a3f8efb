"""What becomes of orders: the call, the way, the door, the way back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from demo import shoppers
from demo.shoppers import Offer, Rival, Shopper, Terms
from demo.storefront import Page

Step = Literal["confirm", "cancel", "ship", "deliver", "refuse", "take_back"]
WAY_BACK = 3
"""Days that a parcel needs to come back."""


class Desk(Protocol):
    """Those who work in our shop, with the telephone and the carrier's reports. An order is named by its key."""

    def take(self, order: str, step: Step, why: str) -> bool:
        """Takes an order one step further; False where it is not at that step (any more)."""

    def hand_over(self) -> None:
        """Books the cash that the carrier has collected."""


@dataclass(slots=True)
class Parcel:
    """An order on its way.

    Attributes:
        order: its key.
        price: DZD per unit as it was ordered. fee: DZD for the delivery.
        quality: mean stars of the product.
        way: days from the call to the door.
        next: `call`, `door`, `back` or `return`; empty: it has ended. due: the day of it.
    """

    order: str
    shopper: Shopper
    price: float
    fee: float
    quality: float
    way: int
    next: str
    due: int

    @classmethod
    def of(cls, order: str, shopper: Shopper, page: Page, quality: float) -> Parcel:
        """The parcel of an order made as the page showed it."""
        way = random.Random(f"{shopper.key}/way").randint(*page.days)
        return cls(order, shopper, page.offer.price, page.terms.fee, quality, way, "call", shopper.day + 1)

    def row(self) -> dict[str, Any]:
        """All of it, for a file."""
        return asdict(self) | {"shopper": self.shopper.key}

    @classmethod
    def read(cls, row: dict[str, Any]) -> Parcel:
        """What `row` has written."""
        return cls(**row | {"shopper": shoppers.recall(row["shopper"])})


@dataclass(frozen=True, slots=True)
class Morning:
    """A morning on which parcels move. `trust`: in our shop, 0 to 1; `rivals`: what the market asks, by SKU."""

    day: int
    trust: float
    rivals: Mapping[str, Rival]


def move(parcels: Iterable[Parcel], morning: Morning, desk: Desk) -> tuple[list[Parcel], Counter[str]]:
    """Moves what is due; the parcels that are still out, and how many came to which end."""
    left: list[Parcel] = []
    ends: Counter[str] = Counter()
    for parcel in parcels:
        if parcel.next and parcel.due <= morning.day:
            ends[_STEPS[parcel.next](parcel, morning, desk)] += 1
        if parcel.next:
            left.append(parcel)
    return left, ends


def _call(parcel: Parcel, morning: Morning, desk: Desk) -> str:
    if not shoppers.answers_the_call(parcel.shopper, 1):
        desk.take(parcel.order, "cancel", "personne n'a répondu")
        parcel.next = ""
        return "cancelled"
    desk.take(parcel.order, "confirm", "confirmé par téléphone")
    desk.take(parcel.order, "ship", "remis au livreur")
    parcel.next, parcel.due = "door", morning.day + parcel.way
    return "shipped"


def _door(parcel: Parcel, morning: Morning, desk: Desk) -> str:
    shopper = parcel.shopper
    offer = Offer(shopper.sku, parcel.price, shopper.quantity)
    terms = Terms(parcel.way + 1, parcel.fee)
    refused = shoppers.refuses(shopper, offer, morning.rivals.get(shopper.sku), terms, morning.trust)
    step: Step = "refuse" if refused else "deliver"
    if not desk.take(parcel.order, step, "refusé à la porte" if refused else "livré et payé"):
        parcel.next = ""
        return "called back"
    if refused:
        parcel.next, parcel.due = "back", morning.day + WAY_BACK
        return "refused"
    after = shoppers.returned_after(shopper, parcel.quality)
    parcel.next, parcel.due = ("", 0) if after is None else ("return", morning.day + after)
    return "delivered"


def _back(parcel: Parcel, _: Morning, desk: Desk) -> str:
    desk.take(parcel.order, "take_back", "revenu")
    end = "returned" if parcel.next == "return" else "back"
    parcel.next = ""
    return end


_STEPS: dict[str, Callable[[Parcel, Morning, Desk], str]] = {
    "call": _call,
    "door": _door,
    "back": _back,
    "return": _back,
}
