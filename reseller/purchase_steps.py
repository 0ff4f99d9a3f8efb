"""What a person, or the arrival of the goods, does to a purchase. None of these functions commits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from database.agent import Proposal, PurchaseOrder
from reseller import money, purchase_trail, receiving, suppliers
from reseller.pricing import CENT
from reseller.purchase_request import claimed, expected_delivery
from reseller.refusals import Refused

MOST_UNIT_COST = Decimal(10) ** 9
"""DZD; what a typing mistake may not exceed, and with it the price made from it stays within its column."""


def mark_ordered(work: Session, order_id: int, reference: str, *, who: str, now: datetime) -> PurchaseOrder:
    """A person has ordered by hand: `ordering` becomes `ordered` under the supplier's reference. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state` (also: a program is still ordering), `bad_value` (no reference, or that of
            another purchase).
    """
    if not (reference := reference.strip()):
        raise Refused("bad_value", "Give the supplier's order number.", field="reference")
    order = purchase_trail.locked(work, order_id)
    _refuse_unless_with_a_person(order)
    if order.supplier not in suppliers.BY_HAND and reference in claimed(work, order):
        raise Refused("bad_value", f"Order number {reference} belongs to another purchase.", field="reference")
    purchase_trail.change(work, order, "ordered", who, f"ordered by hand, reference {reference}", now)
    order.supplier_reference = reference
    return order


def mark_not_ordered(work: Session, order_id: int, *, who: str, why: str, now: datetime) -> PurchaseOrder:
    """A person has made sure that the supplier has no such order: `failed`, the money is free. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state` (also: a program is still ordering).
    """
    order = purchase_trail.locked(work, order_id)
    _refuse_unless_with_a_person(order)
    purchase_trail.change(work, order, "failed", who, why.strip() or "not ordered", now)
    money.release(work, order, now)
    return order


def receive(
    work: Session, order_id: int, *, who: str, now: datetime, unit_cost: Decimal | None = None
) -> PurchaseOrder:
    """The goods are here: stock, product, price and listing in this transaction. Once, however often. Does not commit.

    Args:
        unit_cost: landed cost per unit as it turned out, in DZD; None: as reserved, with the price and the delivery
            that the supplier confirmed in place of those expected.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value`.
    """
    if unit_cost is not None and not (unit_cost.is_finite() and CENT <= unit_cost < MOST_UNIT_COST):
        raise Refused(
            "bad_value",
            f"A unit costs a centime or more, and less than {MOST_UNIT_COST:,} DA, not {unit_cost}.",
            field="unit_cost",
        )
    order = purchase_trail.locked(work, order_id)
    if order.state == "received":
        return order
    cost = (landed_cost(work, order) if unit_cost is None else unit_cost).quantize(CENT)
    why = f"{order.quantity} units received at {cost} DA each"
    purchase_trail.change(work, order, "received", who, why, now)
    receiving.take_in(work, order, unit_cost=cost, who=who, now=now)
    return order


def landed_cost(work: Session, order: PurchaseOrder) -> Decimal:
    """DZD per unit: as reserved, with what the supplier confirmed in place of what was expected."""
    proposal = work.get_one(Proposal, order.proposal_id)
    cost = order.unit_price
    if order.confirmed_price is not None:
        cost += order.confirmed_price - proposal.unit_price
    if order.delivery_fee is not None:
        cost += order.delivery_fee / order.quantity - expected_delivery(proposal)
    return max(cost, CENT)


def cancel(work: Session, order_id: int, *, who: str, reason: str, now: datetime) -> PurchaseOrder:
    """Cancels an order and releases its money. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state`, `not_cancellable` (a supplier's machine may have the order).
    """
    order = purchase_trail.locked(work, order_id)
    if order.state in ("ordering", "ordered") and order.supplier not in suppliers.BY_HAND:
        message = (
            f"The {order.supplier} supplier has order {order_id} or may have it: it cannot be taken back from here."
        )
        raise Refused("not_cancellable", message, order=order_id)
    purchase_trail.change(work, order, "cancelled", who, reason.strip() or "cancelled", now)
    money.release(work, order, now)
    return order


def _refuse_unless_with_a_person(order: PurchaseOrder) -> None:
    if not purchase_trail.is_with_a_person(order):
        message = f"Purchase {order.id} is {order.state} and has not been handed over to a person."
        raise Refused("wrong_state", message, order=order.id, state=order.state)
