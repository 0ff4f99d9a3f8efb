"""What our own products sold, price by price: read from the shop's books, never from a mart that may lag behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import Order, OrderLine
from database.shop import Listing, PriceChange, Product, StockMovement

MEMORY = timedelta(days=90)
"""How far back sales teach anything: a season."""

HALF_LIFE = 30.0
"""Days after which a sale counts for half of one of today."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A time at one price: `days` with stock on the shelf, `units` ordered in them; `age`: days since its middle."""

    price: Decimal
    days: float
    units: int
    age: float = 0.0

    @property
    def weight(self) -> float:
        """What it still says of today, 0 to 1: a shop becomes known, a fashion ends."""
        return float(0.5 ** (self.age / HALF_LIFE))


@dataclass(frozen=True, slots=True)
class History:
    """One of our products, as events in the order of time.

    Attributes:
        prices: (from when, DZD). stock: (when, units that came or went). wanted: (when, units ordered).
    """

    market_listing_id: int
    prices: Sequence[tuple[datetime, Decimal]]
    stock: Sequence[tuple[datetime, int]]
    wanted: Sequence[tuple[datetime, int]]

    def periods(self, now: datetime) -> list[Period]:
        """Its times at one price, the first first, of the last 90 days."""
        ends = [at for at, _ in self.prices[1:]] + [now]
        found = []
        for (start, price), end in zip(self.prices, ends, strict=True):
            start = max(start, now - MEMORY)
            if start < end:
                units = sum(quantity for at, quantity in self.wanted if start <= at < end)
                age = (now - start - (end - start) / 2) / DAY
                found.append(Period(price, self._days_on_shelf(start, end), units, age))
        return found

    def _days_on_shelf(self, start: datetime, end: datetime) -> float:
        on_hand, since, total = 0, start, timedelta()
        for at, quantity in self.stock:
            at = min(max(at, start), end)
            if on_hand > 0:
                total += at - since
            on_hand, since = on_hand + quantity, at
        if on_hand > 0:
            total += end - since
        return total / DAY


def histories(work: Session, now: datetime) -> list[History]:
    """Of every product that stood in our shop. Orders count from when they are placed: a refusal later is no lack of
    demand; a cancelled order is. Does not commit."""
    prices = _by_product(
        work,
        sa.select(Listing.product_id, PriceChange.at, PriceChange.new_price)
        .join(Listing, Listing.id == PriceChange.listing_id)
        .where(PriceChange.at <= now)
        .order_by(PriceChange.at, PriceChange.id),
    )
    movement = sa.select(StockMovement.product_id, StockMovement.at, StockMovement.quantity)
    stock = _by_product(work, movement.where(StockMovement.at <= now).order_by(StockMovement.at, StockMovement.id))
    ordered = (
        sa.select(OrderLine.product_id, Order.placed_at.label("at"), OrderLine.quantity)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.state != "cancelled", Order.placed_at <= now)
    )
    by_hand = sa.select(StockMovement.product_id, StockMovement.at, -StockMovement.quantity).where(
        StockMovement.kind == "sale", StockMovement.order_line_id.is_(None), StockMovement.at <= now
    )
    wanted = _by_product(work, sa.union_all(ordered, by_hand).order_by("at"))
    products = work.execute(sa.select(Product.id, Product.listing_id).where(Product.listing_id.is_not(None)))
    return [
        History(listing_id, prices[product_id], stock[product_id], wanted[product_id])
        for product_id, listing_id in products
        if prices[product_id]
    ]


def _by_product(work: Session, query: sa.Select | sa.CompoundSelect) -> defaultdict[int, list]:
    found: defaultdict[int, list] = defaultdict(list)
    for product_id, at, value in work.execute(query):
        found[product_id].append((at, value))
    return found
