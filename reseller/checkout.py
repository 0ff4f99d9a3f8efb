"""What a guest is shown before and after ordering: the offer, the total for a wilaya, the order as it stands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import Customer, Order, OrderLine
from database.shop import Listing, Product
from reseller import delivery, sales


@dataclass(frozen=True, slots=True)
class Offer:
    """One of our products as it may be ordered now; price in DZD per unit."""

    product_id: int
    title: str
    price: Decimal
    available: int


@dataclass(frozen=True, slots=True)
class Total:
    """What an order comes to, in DZD, and how many days it takes from the confirming call."""

    goods: Decimal
    delivery: Decimal
    days: tuple[int, int]

    @property
    def amount(self) -> Decimal:
        """Goods and delivery."""
        return self.goods + self.delivery


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as its shopper sees it; of the telephone number only the end."""

    reference: str
    state: str
    placed_at: datetime
    lines: list[tuple[str, int, Decimal]]
    total: Total
    phone_end: str | None


def offer(work: Session, listing_id: int) -> Offer | None:
    """What we ask for the product made of a market listing; None where we do not offer it. `available` may be 0."""
    query = (
        sa.select(Product.id, Listing.title, Listing.price, Listing.state)
        .join(Listing, Listing.product_id == Product.id)
        .where(Product.listing_id == listing_id)
    )
    row = work.execute(query).one_or_none()
    if row is None:
        return None
    left = sales.available(work, row.id) if row.state == "published" else 0
    return Offer(row.id, row.title, row.price, min(left, sales.MOST_UNITS))


def total(offer: Offer, quantity: int, wilaya: int) -> Total:
    """What `quantity` units come to, delivered to a wilaya.

    Raises:
        Refused: `bad_value`, there is no such wilaya.
    """
    zone = delivery.zone(wilaya)
    return Total(quantity * offer.price, zone.fee, zone.days)


def ordered(work: Session, key: str) -> Ordered | None:
    """The order that was placed with a form's key; the key is the shopper's secret."""
    try:
        key = str(uuid.UUID(key))
    except ValueError:
        return None
    order = work.scalar(sa.select(Order).where(Order.idempotency_key == key))
    if order is None:
        return None
    query = (
        sa.select(Listing.title, OrderLine.quantity, OrderLine.unit_price)
        .join(Listing, Listing.product_id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.id)
    )
    lines = [(row.title, row.quantity, row.unit_price) for row in work.execute(query)]
    goods = sum((units * price for _, units, price in lines), Decimal(0))
    phone = work.scalar(sa.select(Customer.phone).where(Customer.id == order.customer_id))
    days = delivery.zone(order.wilaya).days
    total = Total(goods, order.delivery_fee, days)
    return Ordered(order.reference, order.state, order.placed_at, lines, total, phone[-2:] if phone else None)
