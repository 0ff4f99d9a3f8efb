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
from reseller.refusals import Refused
from reseller.sales.states import available, follow, whole, write_event

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
    contact: Contact,
    *,
    key: str,
    wilaya: int,
    now: datetime,
    channel: str = "storefront",
    delivery_fee: Decimal | None = None,
    agreed: Decimal | None = None,
) -> Order:
    """Promises the units to a shopper, at the prices of our listings; the same key again returns the first order.

    The products are locked in the order of their ids, so that shoppers of the last unit take turns.

    Args:
        basket: units by product id.
        key: UUID of the form or of the channel's order.
        delivery_fee: DZD; None: that of the wilaya's zone.
        agreed: the total that the shopper was shown, DZD; None: not shown any.

    Raises:
        Refused: `bad_value`, `sold_out`, `price_changed` (the total is not the one agreed).
    """
    key = _uuid(key)
    phone, contact = places.phone(contact.phone), _tidy(contact)
    fee = delivery.zone(wilaya).fee if delivery_fee is None else delivery_fee
    _refuse_senseless(basket, fee)
    work.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"order:{key}"})
    if (before := work.scalar(sa.select(Order).where(Order.idempotency_key == key))) is not None:
        return before
    customer_id = _customer(work, phone, now)
    prices = _locked_prices(work, basket)
    _refuse_what_is_gone(work, basket, prices)
    total = fee + sum((units * prices[product] for product, units in basket.items()), Decimal(0))
    if agreed is not None and agreed != total:
        raise Refused("price_changed", f"The total is now {total:,.2f} DA.", total=total, agreed=agreed)
    order = Order(
        reference="".join(secrets.choice(LETTERS) for _ in range(7)),
        idempotency_key=key,
        customer_id=customer_id,
        channel=channel,
        wilaya=wilaya,
        delivery_fee=fee,
        placed_at=now,
        changed_at=now,
    )
    work.add(order)
    work.flush()
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


def _tidy(contact: Contact) -> Contact:
    tidy = {name: " ".join(getattr(contact, name).replace("\0", "").split()) for name in LONGEST}
    for name, text in tidy.items():
        if len(text) < 2 or len(text) > LONGEST[name]:
            raise Refused("bad_value", f"{name} has 2 to {LONGEST[name]} characters.", field=name)
    return Contact(phone=contact.phone, **tidy)


def _refuse_senseless(basket: Mapping[int, int], fee: Decimal) -> None:
    if not basket:
        raise Refused("bad_value", "An order has at least one product.", field="quantity")
    for units in basket.values():
        if not 1 <= units <= MOST_UNITS:
            message = f"Order 1 to {MOST_UNITS} of a product, not {units}; call us for more."
            raise Refused("bad_value", message, field="quantity")
    if not fee.is_finite() or not 0 <= fee < Decimal(10**6):
        raise Refused("bad_value", f"{fee} DA is no delivery fee.", field="delivery_fee")


def _customer(work: Session, phone: str, now: datetime) -> int:
    work.execute(insert(Customer).values(phone=phone, created_at=now).on_conflict_do_nothing())
    return work.scalars(sa.select(Customer.id).where(Customer.phone == phone)).one()


def _locked_prices(work: Session, basket: Mapping[int, int]) -> dict[int, Decimal]:
    """The price of each product that is offered, under the product's lock."""
    work.execute(sa.select(Product.id).where(Product.id.in_(basket)).order_by(Product.id).with_for_update())
    query = sa.select(Listing.product_id, Listing.price).where(
        Listing.product_id.in_(basket), Listing.state == "published"
    )
    return {row.product_id: row.price for row in work.execute(query)}


def _refuse_what_is_gone(work: Session, basket: Mapping[int, int], prices: Mapping[int, Decimal]) -> None:
    for product, units in sorted(basket.items()):
        left = available(work, product) if product in prices else 0
        if units > left:
            message = f"{left} left of what {units} were wanted of." if left else "It has just been sold out."
            raise Refused("sold_out", message, product=product, left=left)
