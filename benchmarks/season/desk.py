"""Our shop as a season plays it: its staff and its carrier, who write straight into the books; what it sells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from typing_extensions import override

import database
from database.market import Listing as MarketListing
from database.orders import Order
from database.shop import Listing, Product
from demo.parcels import Desk, Step
from reseller import books, journal, sales

CARRIER, STAFF = "carrier", "staff"
STEPS: dict[Step, tuple[Callable[..., Any], str]] = {
    "confirm": (sales.confirm, STAFF),
    "cancel": (sales.cancel, STAFF),
    "ship": (sales.ship, STAFF),
    "deliver": (sales.deliver, CARRIER),
    "refuse": (sales.refuse, CARRIER),
    "take_back": (sales.take_back, CARRIER),
}


class Books(Desk):
    """Steps of orders at the time that `clock` says."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    @override
    def take(self, order: str, step: Step, why: str) -> bool:
        take, who = STEPS[step]
        with database.session() as work:
            number = work.scalars(sa.select(Order.id).where(Order.idempotency_key == order)).one()
            take(work, number, who=who, why=why, now=self._clock())
            work.commit()
        return True

    @override
    def hand_over(self) -> None:
        now = self._clock()
        with database.session() as work:
            if (owed := books.balance(work, "carrier")) > 0:
                key = f"handed over {now:%Y-%m-%d}"
                journal.handed_over(work, owed, key=key, who=CARRIER, why="cash collected", now=now)
            work.commit()


def shown() -> dict[str, int]:
    """Market listing by the SKU there, of what our shop offers; before any marts as well."""
    query = (
        sa.select(MarketListing.external_id, MarketListing.id)
        .join(Product, Product.listing_id == MarketListing.id)
        .join(Listing, Listing.product_id == Product.id)
        .where(Listing.state == "published")
    )
    with database.session() as work:
        return dict(work.execute(query).tuples().all())
