"""Shoppers' orders: what waits for a call or a parcel, and one order with its lines, trail and costs. Money in DZD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.books import Account, Entry, Posting
from database.orders import Customer, Order, OrderContact, OrderCost, OrderEvent, OrderLine
from database.shop import Product, StockMovement
from reseller.overview.paging import Page, containing, paged
from reseller.sales import NEXT_STATES

STEPS = {"confirmed": "confirm", "shipped": "ship", "delivered": "deliver", "refused": "refuse", "cancelled": "cancel"}
"""The step that leads to a state; `returned` is what `take_back` comes to."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a shopper. `total` is what the shopper pays, delivery included; `away` units have left and not come
    back."""

    id: int
    reference: str
    state: str
    channel: str
    wilaya: int
    delivery_fee: Decimal
    placed_at: datetime
    changed_at: datetime
    title: str
    products: int
    units: int
    goods: Decimal
    away: int

    @property
    def total(self) -> Decimal:
        """Goods and delivery."""
        return self.goods + self.delivery_fee

    @property
    def steps(self) -> tuple[str, ...]:
        """What a person may do with it now: names of functions of `reseller.sales`."""
        found = [STEPS[state] for state in NEXT_STATES[self.state] if state in STEPS]
        if self.away and self.state in ("shipped", "delivered", "refused", "returned"):
            found.append("take_back")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class LineRow:
    """One product of an order. `away` units are with the carrier or the shopper."""

    id: int
    product_id: int
    title: str
    sku: str
    quantity: int
    unit_price: Decimal
    away: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """One change of an order's state."""

    to_state: str
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class CostRow:
    """What the order cost besides its goods."""

    kind: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactRow:
    """To whom it goes: personal data, for those who work here only."""

    name: str
    phone: str | None
    commune: str
    address: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order in full. `contact` is None once the shopper is forgotten; `profit` is what the ledger says by now."""

    row: OrderRow
    lines: Sequence[LineRow]
    events: Sequence[StepRow]
    costs: Sequence[CostRow]
    contact: ContactRow | None
    profit: Decimal


_line = (
    sa.select(
        OrderLine.order_id,
        sa.func.min(Product.title).label("title"),
        sa.func.count().label("products"),
        sa.func.sum(OrderLine.quantity).label("units"),
        sa.func.sum(OrderLine.quantity * OrderLine.unit_price).label("goods"),
    )
    .join(Product, Product.id == OrderLine.product_id)
    .group_by(OrderLine.order_id)
    .subquery()
)
_TRAVELS = StockMovement.kind.in_(("sale", "return"))
_away = sa.func.coalesce(
    sa.select(-sa.func.sum(StockMovement.quantity))
    .join(OrderLine, OrderLine.id == StockMovement.order_line_id)
    .where(OrderLine.order_id == Order.id, _TRAVELS)
    .scalar_subquery(),
    0,
)
_FIELDS: dict[str, Any] = {name: _line.c[name] for name in ("title", "products", "units", "goods")} | {"away": _away}
_COLUMNS = [
    (_FIELDS[name] if name in _FIELDS else getattr(Order, name)).label(name) for name in OrderRow.__dataclass_fields__
]
_FROM = sa.select(*_COLUMNS).join_from(Order, _line, _line.c.order_id == Order.id)


def _row(found: Any) -> OrderRow:
    return OrderRow(*found)


def orders(
    work: Session, state: str | None = None, *, query: str = "", page: int = 1, size: int = 50
) -> Page[OrderRow]:
    """Orders: those that wait for us oldest first, all others newest first.

    Args:
        state: one of `database.orders.ORDER_STATES`; `coming_back`: refused, and not all units are back; None for all.
        query: a reference, or words of a product.
    """
    chosen = _FROM
    if state == "coming_back":
        chosen = chosen.where(Order.state == "refused", _away > 0)
    elif state:
        chosen = chosen.where(Order.state == state)
    for word in query.split():
        text = sa.func.unaccent(sa.func.concat_ws(" ", Order.reference, _line.c.title))
        chosen = chosen.where(text.ilike(sa.func.unaccent(containing(word))))
    waits = state in ("placed", "confirmed", "coming_back")
    ordering = [Order.changed_at.asc() if waits else Order.changed_at.desc(), Order.id.desc()]
    return paged(work, chosen, ordering, _row, page, size)


def counts(work: Session) -> dict[str, int]:
    """How many orders there are in each state, and how many are `coming_back`."""
    query = sa.select(Order.state, sa.func.count().label("orders")).group_by(Order.state)
    found = {row.state: row.orders for row in work.execute(query)}
    back = sa.select(sa.func.count(Order.id)).where(Order.state == "refused", _away > 0)
    return found | {"coming_back": work.scalar(back) or 0}


def order(work: Session, order_id: int) -> OrderPage | None:
    """One order in full, or None."""
    found = work.execute(_FROM.where(Order.id == order_id)).one_or_none()
    if found is None:
        return None
    away = sa.select(-sa.func.sum(StockMovement.quantity)).where(StockMovement.order_line_id == OrderLine.id, _TRAVELS)
    lines = work.execute(
        sa.select(
            OrderLine.id,
            OrderLine.product_id,
            Product.title,
            Product.sku,
            OrderLine.quantity,
            OrderLine.unit_price,
            sa.func.coalesce(away.scalar_subquery(), 0),
        )
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.id)
    )
    events = work.execute(
        sa.select(OrderEvent.to_state, OrderEvent.at, OrderEvent.who, OrderEvent.why)
        .where(OrderEvent.order_id == order_id)
        .order_by(OrderEvent.id)
    )
    costs = work.execute(
        sa.select(OrderCost.kind, OrderCost.amount, OrderCost.at)
        .where(OrderCost.order_id == order_id)
        .order_by(OrderCost.id)
    )
    return OrderPage(
        row=_row(found),
        lines=[LineRow(*one) for one in lines],
        events=[StepRow(*one) for one in events],
        costs=[CostRow(*one) for one in costs],
        contact=_contact(work, order_id),
        profit=_profit(work, order_id),
    )


def _contact(work: Session, order_id: int) -> ContactRow | None:
    found = work.execute(
        sa.select(OrderContact.name, Customer.phone, OrderContact.commune, OrderContact.address)
        .join(Order, Order.id == OrderContact.order_id)
        .join(Customer, Customer.id == Order.customer_id)
        .where(OrderContact.order_id == order_id)
    ).one_or_none()
    return None if found is None else ContactRow(*found)


def _profit(work: Session, order_id: int) -> Decimal:
    query = (
        sa.select(sa.func.coalesce(-sa.func.sum(Posting.amount), Decimal(0)))
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.key == Posting.account)
        .where(Entry.customer_order_id == order_id, Account.kind.in_(("income", "expense")))
    )
    return Decimal(work.scalars(query).one())
