"""An order is placed: units are promised to a shopper, at the prices that were shown. Nothing here commits."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from database.orders import Customer, Order, OrderContact, OrderLine
from database.shop import Listing, Product
from reseller import delivery, places
from reseller.channels import pool
from reseller.refusals import Refused
from reseller.sales.states import follow, whole, write_event

MOST_UNITS = 20
"""Of one product in an order: a shopper who wants more than this is called first."""
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a reference: none that could be taken for another on the telephone."""
LONGEST = {"name": 80, "commune": 80, "address": 200}


@dataclass(frozen=True, slots=True)
class Contact:
    """To whom an order goes: personal data. `phone` as it was written."""

    name: str
    phone: str
    commune: str
    address: str


@whole
def place(
    work: Session,
    basket: Mapping[int, int],
    contact: Contact | None,
    *,
    key: str,
    wilaya: int,
    now: datetime,
    channel: str = "storefront",
    prices: Mapping[int, Decimal] | None = None,
    delivery_fee: Decimal | None = None,
    agreed: Decimal | None = None,
) -> Order:
    """Promises the units to a shopper; the same key again returns the first order.

    The products are locked in the order of their ids, so that shoppers of the last unit take turns.

    Args:
        basket: units by product id.
        contact: None: the channel does not tell, and the shopper is one that is forgotten already.
        key: UUID of the form or of the channel's order.
        prices: DZD per unit by product, as sold on a channel, on which we need not offer it any more; None: those of
            our published listings.
        delivery_fee: DZD; None: that of the wilaya's zone.
        agreed: the total that the shopper was shown, DZD; None: not shown any.

    Raises:
        Refused: `bad_value`, `sold_out`, `price_changed` (the total is not the one agreed).
    """
    key = _uuid(key)
    contact = complete(contact) if contact else None
    fee = delivery.zone(wilaya).fee if delivery_fee is None else delivery_fee
    _refuse_senseless(basket, fee, prices)
    work.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"order:{key}"})
    if (before := work.scalar(sa.select(Order).where(Order.idempotency_key == key))) is not None:
        return before
    _lock(work, basket)
    prices = _our_prices(work, basket) if prices is None else prices
    _refuse_what_is_gone(work, basket, prices, channel)
    total = fee + sum((units * prices[product] for product, units in basket.items()), Decimal(0))
    if agreed is not None and agreed != total:
        raise Refused("price_changed", f"The total is now {total:,.2f} DA.", total=total, agreed=agreed)
    order = Order(
        reference="".join(secrets.choice(LETTERS) for _ in range(7)),
        idempotency_key=key,
        customer_id=_customer(work, contact.phone if contact else None, now),
        channel=channel,
        wilaya=wilaya,
        delivery_fee=fee,
        placed_at=now,
        changed_at=now,
    )
    work.add(order)
    work.flush()
    if contact:
        work.add(OrderContact(order_id=order.id, name=contact.name, commune=contact.commune, address=contact.address))
    for product, units in sorted(basket.items()):
        work.add(OrderLine(order_id=order.id, product_id=product, quantity=units, unit_price=prices[product]))
        work.flush()
    write_event(work, order, None, "placed", "shopper", f"ordered through {channel}", now)
    follow(work, order, now)
    return order


def _uuid(key: str) -> str:
    try:
        return str(uuid.UUID(key))
    except ValueError:
        raise Refused("bad_value", "The form's key is a UUID.", field="key") from None


def complete(contact: Contact) -> Contact:
    """The contact in order, its number as +213 and nine digits.

    Raises:
        Refused: `bad_value`, something is missing, too long, or no mobile number.
    """
    tidy = {name: " ".join(getattr(contact, name).replace("\0", "").split()) for name in LONGEST}
    for name, text in tidy.items():
        if len(text) < 2 or len(text) > LONGEST[name]:
            raise Refused("bad_value", f"{name} has 2 to {LONGEST[name]} characters.", field=name)
    return Contact(phone=places.phone(contact.phone), **tidy)


def _refuse_senseless(basket: Mapping[int, int], fee: Decimal, prices: Mapping[int, Decimal] | None) -> None:
    if not basket:
        raise Refused("bad_value", "An order has at least one product.", field="quantity")
    for units in basket.values():
        if units < 1 or (prices is None and units > MOST_UNITS):
            message = f"Order 1 to {MOST_UNITS} of a product, not {units}; call us for more."
            raise Refused("bad_value", message, field="quantity")
    if not fee.is_finite() or not 0 <= fee < Decimal(10**6):
        raise Refused("bad_value", f"{fee} DA is no delivery fee.", field="delivery_fee")
    for product in basket if prices is not None else ():
        price = prices.get(product) if prices else None
        if price is None or not price.is_finite() or not 0 < price < Decimal(10**9):
            raise Refused("bad_value", f"{price} DA is no price at which product {product} was sold.", field="price")


def _customer(work: Session, phone: str | None, now: datetime) -> int:
    if phone is None:
        nobody = Customer(created_at=now, forgotten_at=now)
        work.add(nobody)
        work.flush()
        return nobody.id
    work.execute(insert(Customer).values(phone=phone, created_at=now).on_conflict_do_nothing())
    return work.scalars(sa.select(Customer.id).where(Customer.phone == phone)).one()


def _lock(work: Session, basket: Mapping[int, int]) -> None:
    work.execute(sa.select(Product.id).where(Product.id.in_(basket)).order_by(Product.id).with_for_update())


def _our_prices(work: Session, basket: Mapping[int, int]) -> dict[int, Decimal]:
    """The price of each product that is offered."""
    query = sa.select(Listing.product_id, Listing.price).where(
        Listing.product_id.in_(basket), Listing.state == "published"
    )
    return {row.product_id: row.price for row in work.execute(query)}


def _refuse_what_is_gone(work: Session, basket: Mapping[int, int], prices: Mapping[int, Decimal], channel: str) -> None:
    for product, units in sorted(basket.items()):
        left = pool.free(work, product, channel) if product in prices else 0
        if units > left:
            message = f"{left} left of what {units} were wanted of." if left else "It has just been sold out."
            raise Refused("sold_out", message, product=product, left=left)
