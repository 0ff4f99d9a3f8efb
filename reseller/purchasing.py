"""Purchase orders: from approved to received, each change with who, when and why."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from config import settings
from database.agent import PurchaseOrder
from reseller import control, money, purchase_check, purchase_trail, seller_contact, suppliers
from reseller.purchase_request import request_of
from reseller.purchase_steps import cancel, landed_cost, mark_not_ordered, mark_ordered, receive
from reseller.purchase_trail import NEXT_STATES, next_states, steps_of_a_person
from reseller.refusals import Refused
from reseller.suppliers import (
    Confirmation,
    Supplier,
    SupplierNeedsPerson,
    SupplierRefused,
    SupplierUnavailable,
    browsers,
)

__all__ = [
    "NEXT_STATES",
    "cancel",
    "earliest",
    "landed_cost",
    "mark_not_ordered",
    "mark_ordered",
    "next_states",
    "place",
    "poll",
    "receive",
    "steps_of_a_person",
    "waiting",
]

log = logging.getLogger(__name__)

TURNS = 0x68616E6F
"""First key of the advisory locks by which those who place one order take turns; the second is the order's id."""
ONE_CART = 0x63617274
"""First key of the lock of a supplier whose account has one cart for all orders."""


def waiting(work: Session, *states: str) -> list[int]:
    """Ids of the orders in these states, oldest first."""
    return list(work.scalars(sa.select(PurchaseOrder.id).where(PurchaseOrder.state.in_(states)).order_by("id")))


def earliest(who: str, now: datetime) -> datetime | None:
    """When an order approved by `who` may leave: the agent's own waits AGENT_WAIT_MINUTES for an objection.

    A person's does not: who approves has looked, and the price is asked again before it leaves in any case.
    """
    return now + timedelta(minutes=settings().agent_wait_minutes) if who == control.AGENT else None


def place(order_id: int, now: datetime, *, who: str = control.AGENT) -> PurchaseOrder:
    """Orders from the supplier, once however often it is called. Commits in its own sessions.

    The agent leaves an order alone before its `not_before`. Price and availability are asked again first: dearer or
    gone, and the order ends `failed`. `ordering` is committed before the supplier hears of the order; one found in
    `ordering` is asked for by its key before it is sent again, and where the supplier knows no keys it is not sent
    again once it may have arrived. Ends `ordered`, `failed` (money released), still `ordering` where the supplier did
    not answer or a person carries the order out, or still `approved` where it could not be looked at. An order in any
    other state is left as it is, as is one that another process is placing at this moment.

    Raises:
        Refused: `not_found`, `stopped`, `dry_run`.
    """
    with _turn(TURNS, order_id % 2**31) as mine:
        order = purchase_trail.read(order_id)
        if not mine or _waits(order, who, now):
            return order
        supplier = suppliers.named(order.supplier)
        with contextlib.ExitStack() as stack:
            stack.enter_context(browsers.kept())
            if (
                not supplier.by_hand
                and not supplier.keeps_keys
                and not stack.enter_context(_turn(ONE_CART, _digest(supplier.name)))
            ):
                return order
            return _place(order, supplier, who, now)


def _place(order: PurchaseOrder, supplier: Supplier, who: str, now: datetime) -> PurchaseOrder:
    fresh = False
    try:
        if order.state == "approved":
            _refuse_unless_buying()
            if not supplier.by_hand:
                purchase_check.refuse_unless_as_agreed(supplier.look(request_of(order)), request_of(order))
            order, fresh = _claim(order.id, who, now)
        if order.state != "ordering" or purchase_trail.is_with_a_person(order):
            return order
        request = request_of(order)
        confirmation = None if fresh else supplier.by_key(request)
        if confirmation is None:
            if not fresh:
                _refuse_unless_buying()
            purchase_check.refuse_if_perhaps_sent(order, supplier)
            confirmation = supplier.order(request, lambda total: _sending(order.id, total, now))
        purchase_check.refuse_another(confirmation, request)
    except SupplierRefused as refusal:
        return _fail(order.id, str(refusal), who, now)
    except SupplierNeedsPerson as problem:
        return _hand_over(order.id, problem, who, now)
    except SupplierUnavailable as problem:
        return purchase_trail.note(order.id, str(problem), who, now, problem.screenshot)
    return _confirm(order.id, confirmation, who, now)


def poll(now: datetime) -> list[PurchaseOrder]:
    """Asks suppliers about open orders and receives what has arrived. Commits order by order; returns the changed."""
    with database.session() as work:
        orders = waiting(work, "ordering", "ordered")
    before = [purchase_trail.read(order_id) for order_id in orders]
    with browsers.kept():
        after = [_follow(order, now) for order in before]
    return [new for old, new in zip(before, after, strict=True) if old.state != new.state]


def _follow(order: PurchaseOrder, now: datetime) -> PurchaseOrder:
    supplier = suppliers.named(order.supplier)
    if supplier.by_hand:
        return order
    try:
        return place(order.id, now) if order.state == "ordering" else _ask_for_delivery(order, supplier, now)
    except Refused as refusal:
        log.warning("purchase %s waits: %s", order.id, refusal)
    except SupplierUnavailable as problem:
        return purchase_trail.note(order.id, str(problem), control.AGENT, now, problem.screenshot)
    return order


def _ask_for_delivery(order: PurchaseOrder, supplier: Supplier, now: datetime) -> PurchaseOrder:
    confirmation = supplier.by_reference(order.supplier_reference or "")
    if confirmation is None:
        raise SupplierUnavailable(f"the supplier does not know its own order {order.supplier_reference}")
    if confirmation.state == "ordered":
        return order
    purchase_check.refuse_another(confirmation, request_of(order))
    with database.session() as work:
        changed = purchase_trail.locked(work, order.id)
        if changed.state != "ordered":
            return changed
        if confirmation.state == "delivered":
            changed.confirmed_price, changed.delivery_fee = confirmation.unit_price, confirmation.delivery_fee
            changed = receive(work, order.id, who=control.AGENT, now=now)
        else:
            purchase_trail.change(work, changed, "cancelled", control.AGENT, "cancelled by the supplier", now)
            money.release(work, changed, now)
        work.commit()
    return changed


@contextlib.contextmanager
def _turn(first: int, second: int) -> Iterator[bool]:
    """Whether it is ours to go on; ends with the block, or with the process."""
    with database.engine().connect() as guard, guard.begin():
        key = sa.cast(second, sa.Integer)
        yield bool(guard.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(first, key))))


def _digest(name: str) -> int:
    return int.from_bytes(name.encode()[-3:], "big")


def _waits(order: PurchaseOrder, who: str, now: datetime) -> bool:
    by_itself = order.state == "approved" and who == control.AGENT
    return by_itself and order.not_before is not None and now < order.not_before


def _claim(order_id: int, who: str, now: datetime) -> tuple[PurchaseOrder, bool]:
    """The order, and whether it has become `ordering` just now."""
    with database.session() as work:
        row = control.get(work, lock=True)
        order = purchase_trail.locked(work, order_id)
        if order.state != "approved":
            return order, False
        control.refuse_unless_buying(row)
        by_hand = order.supplier in suppliers.BY_HAND
        why = "handed over: a person orders it" if by_hand else f"sent to the {order.supplier} supplier"
        purchase_trail.change(work, order, "ordering", who, why, now)
        if by_hand:
            order.handed_over_at = now
            seller_contact.prepare_for(work, order, now=now)
        work.commit()
        return order, True


def _sending(order_id: int, total: Decimal, now: datetime) -> None:
    """Commits that the order may exist from here on: the last chance to stop.

    Raises:
        Refused: `stopped`, `dry_run`.
    """
    with database.session() as work:
        control.refuse_unless_buying(control.get(work, lock=True))
        order = purchase_trail.locked(work, order_id)
        order.sent_at, order.agreed_total = now, total
        work.commit()


def _refuse_unless_buying() -> None:
    with database.session() as work:
        control.refuse_unless_buying(control.get(work))


def _confirm(order_id: int, confirmation: Confirmation, who: str, now: datetime) -> PurchaseOrder:
    with database.session() as work:
        order = purchase_trail.locked(work, order_id)
        if order.state == "ordering":
            why = f"confirmed as {confirmation.reference} at {confirmation.unit_price} DA each"
            purchase_trail.change(work, order, "ordered", who, why, now)
            order.supplier_reference = confirmation.reference
            order.confirmed_price, order.delivery_fee = confirmation.unit_price, confirmation.delivery_fee
            work.commit()
        return order


def _fail(order_id: int, why: str, who: str, now: datetime) -> PurchaseOrder:
    log.warning("purchase %s failed: %s", order_id, why)
    with database.session() as work:
        order = purchase_trail.locked(work, order_id)
        if order.state in ("approved", "ordering"):
            purchase_trail.change(work, order, "failed", who, why, now)
            money.release(work, order, now)
            work.commit()
        return order


def _hand_over(order_id: int, problem: SupplierNeedsPerson, who: str, now: datetime) -> PurchaseOrder:
    """From here on a person orders it, or says what became of it. One who stops the agent meanwhile is heard."""
    log.warning("purchase %s is handed over: %s", order_id, problem)
    with database.session() as work:
        order = purchase_trail.locked(work, order_id)
        if order.state in ("approved", "ordering"):
            why = f"handed over to a person: {problem}"
            purchase_trail.write(work, order, "ordering", who, why, now, problem.screenshot)
            if order.state == "approved":
                order.state, order.changed_at = "ordering", now
            order.handed_over_at = now
            work.commit()
        return order
