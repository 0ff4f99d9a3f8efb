"""An order's states: which may follow, and a step from one to the next. None of these functions commits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import ORDER_STEPS, Order, OrderEvent, OrderLine
from reseller import journal, publishing
from reseller.refusals import Refused

OF_THE_DATABASE = {
    "ck_order_line_available": "sold_out",
    "ck_order_line_not_shown_elsewhere": "sold_out",
    "ck_order_line_while_placed": "wrong_state",
    "ck_order_event_from_current": "wrong_state",
    "ck_order_event_units_fit": "wrong_state",
    "ck_stock_movement_on_hand_not_negative": "stock_negative",
}
"""What the database's own rules are called where one of them is the first to say no."""

Given = ParamSpec("Given")
Made = TypeVar("Made")

NEXT_STATES = {
    state: tuple(after for before, after in ORDER_STEPS if before == state)
    for state in ("placed", "confirmed", "shipped", "delivered", "refused", "returned", "cancelled")
}
"""The states an order may go to from each state."""


def whole(step: Callable[Concatenate[Session, Given], Made]) -> Callable[Concatenate[Session, Given], Made]:
    """A step that is refused half-way, by us or by a rule of the database, leaves nothing behind and is `Refused`."""

    @functools.wraps(step)
    def within(work: Session, /, *given: Given.args, **named: Given.kwargs) -> Made:
        try:
            with work.begin_nested():
                return step(work, *given, **named)
        except sa.exc.IntegrityError as error:
            raise _refused(error) from error

    return within


def _refused(error: sa.exc.IntegrityError) -> Exception:
    told = getattr(error.orig, "diag", None)
    code = OF_THE_DATABASE.get(getattr(told, "constraint_name", None) or "")
    return Refused(code, getattr(told, "message_primary", None) or code) if code else error


def available(work: Session, product_id: int) -> int:
    """Units that may still be sold: on hand, less those promised to orders that have not left."""
    query = sa.text("select available from shop.stock_available where product_id = :product")
    return int(work.scalar(query, {"product": product_id}) or 0)


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


def locked(work: Session, order_id: int) -> Order:
    """The order, locked until the transaction ends.

    Raises:
        Refused: `not_found`.
    """
    order = work.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise Refused("not_found", f"There is no order {order_id}.", order=order_id)
    return order


def step(work: Session, order_id: int, to: str, who: str, why: str, now: datetime) -> Order:
    """Moves an order to another state.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    order = locked(work, order_id)
    refuse_step(order, to)
    write_event(work, order, order.state, to, who, why, now)
    return order


def refuse_step(order: Order, to: str) -> None:
    """Raises `Refused` (`wrong_state`) where the order cannot become `to`."""
    if to not in NEXT_STATES[order.state]:
        message = f"Order {order.reference} is {order.state}: it cannot become {to}."
        raise Refused("wrong_state", message, order=order.id, state=order.state)


def write_event(work: Session, order: Order, before: str | None, to: str, who: str, why: str, now: datetime) -> None:
    """Writes a row of the history, which moves the order."""
    work.add(OrderEvent(order_id=order.id, from_state=before, to_state=to, at=now, who=who, why=why.strip() or to))
    work.flush()
    work.refresh(order)


def lines_by_product(work: Session, order: Order) -> list[OrderLine]:
    """Lines in the order of their products, in which all who lock several of them do."""
    return sorted(journal.lines_of(work, order.id), key=lambda line: line.product_id)


def follow(work: Session, order: Order, now: datetime) -> None:
    """Listings of what the order holds are withdrawn or offered again, as stock has it now."""
    for line in lines_by_product(work, order):
        publishing.follow_stock(work, line.product_id, now=now)
