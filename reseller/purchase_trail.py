"""A purchase order's states, and the trail of who changed it when and why."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.agent import PURCHASE_STATES, PurchaseEvent, PurchaseOrder
from reseller.refusals import Refused
from reseller.suppliers import BY_HAND

log = logging.getLogger(__name__)

NEXT_STATES: dict[str, frozenset[str]] = {
    "proposed": frozenset({"approved", "cancelled"}),
    "approved": frozenset({"ordering", "failed", "cancelled"}),
    "ordering": frozenset({"ordered", "failed", "cancelled"}),
    "ordered": frozenset({"received", "cancelled", "failed"}),
    "received": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
"""The states an order may go to from each state."""


def following(state: str) -> tuple[str, ...]:
    """The states that may follow one, in the order of a purchase's life."""
    return tuple(after for after in PURCHASE_STATES if after in NEXT_STATES[state])


def next_states(order: PurchaseOrder) -> tuple[str, ...]:
    """The states this order may go to from where it is, in the order of a purchase's life."""
    return following(order.state)


def steps_of_a_person(order: PurchaseOrder) -> tuple[str, ...]:
    """What a person may do with this order now: names of functions of `reseller.purchasing`."""
    by_hand = order.supplier in BY_HAND
    found = {
        "place": order.state == "approved",
        "mark_ordered": is_with_a_person(order),
        "mark_not_ordered": is_with_a_person(order),
        "receive": order.state == "ordered",
        "cancel": order.state in ("proposed", "approved") or (by_hand and order.state in ("ordering", "ordered")),
    }
    return tuple(step for step, allowed in found.items() if allowed)


def is_with_a_person(order: PurchaseOrder) -> bool:
    """Whether a person has to order it, or to say what became of it."""
    return order.state == "ordering" and (order.supplier in BY_HAND or order.handed_over_at is not None)


def read(order_id: int) -> PurchaseOrder:
    """The order as it is now, in a session of its own.

    Raises:
        Refused: `not_found`.
    """
    with database.session() as work:
        if (order := work.get(PurchaseOrder, order_id)) is None:
            raise Refused("not_found", f"There is no purchase {order_id}.", order=order_id)
        return order


def locked(work: Session, order_id: int) -> PurchaseOrder:
    """The order, held until the transaction ends.

    Raises:
        Refused: `not_found`.
    """
    order = work.get(PurchaseOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise Refused("not_found", f"There is no purchase {order_id}.", order=order_id)
    return order


def change(
    work: Session,
    order: PurchaseOrder,
    to_state: str,
    who: str,
    why: str,
    now: datetime,
    screenshot: str | None = None,
) -> None:
    """Moves an order and writes the event. Does not commit.

    Raises:
        Refused: `wrong_state`.
    """
    if to_state not in NEXT_STATES[order.state]:
        message = f"Purchase {order.id} is {order.state}: it cannot become {to_state}."
        raise Refused("wrong_state", message, order=order.id, state=order.state)
    write(work, order, to_state, who, why, now, screenshot)
    order.state, order.changed_at = to_state, now
    work.flush()


def write(
    work: Session,
    order: PurchaseOrder,
    to_state: str,
    who: str,
    why: str,
    now: datetime,
    screenshot: str | None = None,
) -> None:
    """Adds an event to the trail. Does not commit."""
    work.add(
        PurchaseEvent(
            purchase_order_id=order.id,
            from_state=order.state,
            to_state=to_state,
            at=now,
            who=who,
            why=why,
            screenshot=screenshot,
        )
    )


def note(order_id: int, why: str, who: str, now: datetime, screenshot: str | None = None) -> PurchaseOrder:
    """Writes down why an order does not move on, once for each reason. Commits."""
    log.warning("purchase %s: %s", order_id, why)
    with database.session() as work:
        order = locked(work, order_id)
        events = sa.select(PurchaseEvent.why).where(PurchaseEvent.purchase_order_id == order_id)
        if work.scalar(events.order_by(PurchaseEvent.id.desc()).limit(1)) != why:
            write(work, order, order.state, who, why, now, screenshot)
            work.commit()
        return order
