"""A shopper's order, from the form to the money or the return. None of these functions commits.

Each step is one row of the order's history, with the stock and the ledger in the same transaction; a step that is not
allowed is refused and changes nothing.
"""

from __future__ import annotations

import functools
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from database.orders import COST_KINDS, ORDER_STEPS, Customer, Order, OrderContact, OrderCost, OrderEvent, OrderLine
from database.shop import Listing, Product, StockMovement
from reseller import delivery, inventory, journal, places, publishing
from reseller.refusals import Refused

Given = ParamSpec("Given")
Made = TypeVar("Made")

MOST_UNITS = 20
"""Of one product in an order: a shopper who wants more than this is called first."""
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a reference: none that could be taken for another on the telephone."""
LONGEST = {"name": 80, "commune": 80, "address": 200}

NEXT_STATES = {
    state: tuple(after for before, after in ORDER_STEPS if before == state)
    for state in ("placed", "confirmed", "shipped", "delivered", "refused", "returned", "cancelled")
}
"""The states an order may go to from each state."""


@dataclass(frozen=True, slots=True)
class Contact:
    """To whom an order goes: personal data. `phone` as it was written."""

    name: str
    phone: str
    commune: str
    address: str


def _whole(step: Callable[Concatenate[Session, Given], Made]) -> Callable[Concatenate[Session, Given], Made]:
    """A step that is refused half-way leaves nothing behind, even if its caller goes on."""

    @functools.wraps(step)
    def within(work: Session, /, *given: Given.args, **named: Given.kwargs) -> Made:
        with work.begin_nested():
            return step(work, *given, **named)

    return within


def available(work: Session, product_id: int) -> int:
    """Units that may still be sold: on hand, less those promised to orders that have not left."""
    query = sa.text("select available from shop.stock_available where product_id = :product")
    return int(work.scalar(query, {"product": product_id}) or 0)


@_whole
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
    _event(work, order, None, "placed", "shopper", f"ordered through {channel}", now)
    _follow(work, order, now)
    return order


@_whole
def confirm(work: Session, order_id: int, *, who: str, why: str, now: datetime) -> Order:
    """The shopper has said yes on the telephone.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    return _step(work, order_id, "confirmed", who, why, now)


@_whole
def cancel(work: Session, order_id: int, *, who: str, why: str, now: datetime) -> Order:
    """The units are for sale again.

    Raises:
        Refused: `not_found`, `wrong_state` (it has left).
    """
    order = _step(work, order_id, "cancelled", who, why, now)
    _follow(work, order, now)
    return order


@_whole
def ship(work: Session, order_id: int, *, who: str, why: str, now: datetime, cost: Decimal | None = None) -> Order:
    """The units leave with the carrier.

    Args:
        cost: what the carrier asks, DZD; None: the estimate for the wilaya.

    Raises:
        Refused: `not_found`, `wrong_state`, `stock_negative` (units are missing on the shelf).
    """
    order = _locked(work, order_id)
    _refuse_step(order, "shipped")
    for line in _by_product(work, order):
        inventory.move(
            work,
            line.product_id,
            "sale",
            -line.quantity,
            key=f"sale:{line.id}",
            who=who,
            reason=f"order {order.reference}",
            now=now,
            order_line_id=line.id,
        )
    _event(work, order, order.state, "shipped", who, why, now)
    _cost(work, order, "delivery_out", delivery.zone(order.wilaya).cost if cost is None else cost, who, now)
    _follow(work, order, now)
    return order


@_whole
def deliver(work: Session, order_id: int, *, who: str, why: str, now: datetime, fee: Decimal | None = None) -> Order:
    """The shopper has the units and has paid the carrier.

    Args:
        fee: what the carrier keeps for collecting the cash, DZD; None: the estimate.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    order = _step(work, order_id, "delivered", who, why, now)
    journal.delivered(work, order, who=who, why=why, now=now)
    _cost(work, order, "payment_fee", delivery.cash_handling(total(work, order)) if fee is None else fee, who, now)
    return order


@_whole
def refuse(work: Session, order_id: int, *, who: str, why: str, now: datetime, cost: Decimal | None = None) -> Order:
    """The shopper does not take the parcel: it travels back, and `take_back` books it in when it is here.

    Args:
        cost: what the carrier asks for the way back, DZD; None: the estimate.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    order = _step(work, order_id, "refused", who, why, now)
    _cost(work, order, "delivery_back", delivery.zone(order.wilaya).back if cost is None else cost, who, now)
    return order


@_whole
def take_back(
    work: Session,
    order_id: int,
    *,
    who: str,
    why: str,
    now: datetime,
    units: Mapping[int, int] | None = None,
    lost: Mapping[int, int] | None = None,
    cost: Decimal | None = None,
) -> Order:
    """Units come back into stock at the cost with which they left; a shopper who had them gets their price back.

    Args:
        units: how many come back, by product id, those that are lost or broken among them; None: all that are away.
        lost: of these, how many are written off, by product id.
        cost: what the carrier asks for the way back, DZD; None: the estimate, where none was booked yet.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value` (more than is away, more lost than came back).
    """
    order = _locked(work, order_id)
    if order.state not in ("shipped", "delivered", "refused", "returned"):
        raise Refused("wrong_state", f"Order {order.reference} is {order.state}: nothing of it is away.")
    away = {line.id: _away(work, line) for line in _by_product(work, order)}
    if not any(away.values()):
        raise Refused("wrong_state", f"All of order {order.reference} is back already.")
    _refuse_more_than_away(work, order, away, units, lost)
    for line in _by_product(work, order):
        back = away[line.id] if units is None else units.get(line.product_id, 0)
        _take_in(work, order, line, back, (lost or {}).get(line.product_id, 0), away[line.id], who, now)
    if order.state in ("shipped", "delivered"):
        _event(work, order, order.state, "returned", who, why, now)
        _cost(work, order, "delivery_back", delivery.zone(order.wilaya).back if cost is None else cost, who, now)
    _follow(work, order, now)
    return order


@_whole
def charge(
    work: Session, order_id: int, kind: str, amount: Decimal, *, key: str, who: str, reason: str, now: datetime
) -> OrderCost:
    """What an order costs besides its goods, or the correction of an earlier entry where `amount` is negative.

    Raises:
        Refused: `not_found`, `bad_value`.
    """
    if kind not in COST_KINDS or not amount.is_finite() or not 0 < abs(amount) < Decimal(10**9):
        raise Refused("bad_value", f"A cost of {amount} DA for {kind!r} means nothing.", field="amount")
    order = _locked(work, order_id)
    return _charge(work, order, kind, round(amount, 2), key, who, reason, now)


def total(work: Session, order: Order) -> Decimal:
    """What the shopper pays in all, DZD."""
    return order.delivery_fee + sum(
        (line.quantity * line.unit_price for line in journal.lines_of(work, order.id)), Decimal(0)
    )


def by_reference(work: Session, reference: str) -> Order:
    """The order that a shopper or a carrier names.

    Raises:
        Refused: `not_found`.
    """
    found = work.scalar(sa.select(Order).where(Order.reference == reference.strip().upper()))
    if found is None:
        raise Refused("not_found", f"There is no order {reference!r}.", reference=reference)
    return found


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


def _locked(work: Session, order_id: int) -> Order:
    order = work.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise Refused("not_found", f"There is no order {order_id}.", order=order_id)
    return order


def _step(work: Session, order_id: int, to: str, who: str, why: str, now: datetime) -> Order:
    order = _locked(work, order_id)
    _refuse_step(order, to)
    _event(work, order, order.state, to, who, why, now)
    return order


def _refuse_step(order: Order, to: str) -> None:
    if to not in NEXT_STATES[order.state]:
        message = f"Order {order.reference} is {order.state}: it cannot become {to}."
        raise Refused("wrong_state", message, order=order.id, state=order.state)


def _event(work: Session, order: Order, before: str | None, to: str, who: str, why: str, now: datetime) -> None:
    work.add(OrderEvent(order_id=order.id, from_state=before, to_state=to, at=now, who=who, why=why.strip() or to))
    work.flush()
    work.refresh(order)


def _by_product(work: Session, order: Order) -> list[OrderLine]:
    """Lines in the order of their products, in which all who lock several of them do."""
    return sorted(journal.lines_of(work, order.id), key=lambda line: line.product_id)


def _away(work: Session, line: OrderLine) -> int:
    query = sa.select(sa.func.coalesce(-sa.func.sum(StockMovement.quantity), 0)).where(
        StockMovement.order_line_id == line.id, StockMovement.kind.in_(("sale", "return"))
    )
    return int(work.scalars(query).one())


def _refuse_more_than_away(
    work: Session,
    order: Order,
    away: Mapping[int, int],
    units: Mapping[int, int] | None,
    lost: Mapping[int, int] | None,
) -> None:
    most = {line.product_id: away[line.id] for line in _by_product(work, order)}
    back = most if units is None else units
    sensible = all(0 <= number <= most.get(product, 0) for product, number in back.items()) and any(back.values())
    if not sensible or not all(0 <= number <= back.get(product, 0) for product, number in (lost or {}).items()):
        raise Refused("bad_value", f"Of order {order.reference} {most} units are away, by product.", field="units")


def _take_in(
    work: Session,
    order: Order,
    line: OrderLine,
    back: int,
    lost: int,
    away: int,
    who: str,
    now: datetime,
) -> None:
    for kind, quantity in (("return", back), ("loss", -lost)):
        if quantity:
            inventory.move(
                work,
                line.product_id,
                kind,
                quantity,
                key=f"{kind}:{line.id}:{away}",
                who=who,
                reason=f"order {order.reference} came back",
                now=now,
                order_line_id=line.id,
            )


def _cost(work: Session, order: Order, kind: str, amount: Decimal, who: str, now: datetime) -> None:
    booked = sa.select(OrderCost.id).where(OrderCost.order_id == order.id, OrderCost.kind == kind)
    if amount and work.scalar(booked.limit(1)) is None:
        _charge(work, order, kind, amount, f"{kind}:{order.id}", who, f"order {order.reference}", now)


def _charge(
    work: Session, order: Order, kind: str, amount: Decimal, key: str, who: str, reason: str, now: datetime
) -> OrderCost:
    if (before := work.scalar(sa.select(OrderCost).where(OrderCost.idempotency_key == key))) is not None:
        if (before.order_id, before.kind, before.amount) != (order.id, kind, amount):
            raise Refused("bad_value", f"The key {key} belongs to another cost.", field="key")
        return before
    made = OrderCost(order_id=order.id, kind=kind, amount=amount, idempotency_key=key, at=now, who=who, reason=reason)
    work.add(made)
    work.flush()
    journal.cost_paid(work, made)
    return made


def _follow(work: Session, order: Order, now: datetime) -> None:
    for line in _by_product(work, order):
        publishing.follow_stock(work, line.product_id, now=now)
