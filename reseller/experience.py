"""What our own products sold, price by price: read from the shop's books, never from a mart that may lag behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
    """A day, or the part of it, at one price: `days` with stock on the shelf, `units` ordered; `age`: days since."""

    day: date
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
        """Its days on our shelf, of the last 90, cut where the price changed; the first first."""
        ends = [at for at, _ in self.prices[1:]] + [now]
        found = []
        for (since, price), until in zip(self.prices, ends, strict=True):
            start = max(since, now - MEMORY)
            while start < until:
                end = min(until, start.replace(hour=0, minute=0, second=0, microsecond=0) + DAY)
                units = sum(quantity for at, quantity in self.wanted if start <= at < end)
                days = self._days_on_shelf(start, end)
                if days or units:
                    found.append(Period(start.date(), price, days, units, (now - start) / DAY))
                start = end
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
