"""Purchase orders: from approved to received, each change with who, when and why."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.agent import Proposal, PurchaseEvent, PurchaseOrder
from database.market import Listing
from reseller import control, money, receiving, suppliers
from reseller.pricing import CENT
from reseller.refusals import Refused
from reseller.suppliers import Confirmation, Request, Supplier, SupplierRefused, SupplierUnavailable

log = logging.getLogger(__name__)

NEXT_STATES: dict[str, frozenset[str]] = {
    "proposed": frozenset({"approved", "cancelled"}),
    "approved": frozenset({"ordering", "cancelled"}),
    "ordering": frozenset({"ordered", "failed", "cancelled"}),
    "ordered": frozenset({"received", "cancelled", "failed"}),
    "received": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
"""The states an order may go to from each state."""

MOST_UNIT_COST = Decimal(10) ** 9
"""DZD; what a typing mistake may not exceed, and with it the price made from it stays within its column."""

TURNS = 0x68616E6F
"""First key of the advisory locks by which those who place one order take turns; the second is the order's id."""


def waiting(work: Session, *states: str) -> list[int]:
    """Ids of the orders in these states, oldest first."""
    return list(work.scalars(sa.select(PurchaseOrder.id).where(PurchaseOrder.state.in_(states)).order_by("id")))


def place(order_id: int, now: datetime, *, who: str = control.AGENT) -> PurchaseOrder:
    """Orders from the supplier, once however often it is called. Commits in its own sessions.

    `ordering` is committed before the supplier hears of it; an order found in `ordering` is asked for by its key
    before it is sent again. Ends `ordered`, `failed` (money released), or still `ordering` where the supplier did not
    answer or a person carries the order out. An order in any other state is left as it is, as is one that another
    process is placing at this moment.

    Raises:
        Refused: `not_found`, `stopped`, `dry_run`.
    """
    with _turn(order_id) as mine:
        if not mine:
            return _read(order_id)
        order, fresh = _claim(order_id, who, now)
        supplier = suppliers.named(order.supplier)
        if order.state != "ordering" or supplier.by_hand:
            return order
        request = _request(order)
        try:
            confirmation = None if fresh else supplier.by_key(request.key)
            if confirmation is None:
                if not fresh:
                    _refuse_unless_buying()
                confirmation = supplier.order(request)
            _check(confirmation, request)
        except SupplierRefused as refusal:
            return _fail(order_id, str(refusal), who, now)
        except SupplierUnavailable as problem:
            return _note(order_id, str(problem), who, now)
        return _confirm(order_id, confirmation, who, now)


def poll(now: datetime) -> list[PurchaseOrder]:
    """Asks suppliers about open orders and receives what has arrived. Commits order by order; returns the changed."""
    with database.session() as work:
        orders = waiting(work, "ordering", "ordered")
    before = [_read(order_id) for order_id in orders]
    after = [_follow(order, now) for order in before]
    return [new for old, new in zip(before, after, strict=True) if old.state != new.state]


def mark_ordered(work: Session, order_id: int, reference: str, *, who: str, now: datetime) -> PurchaseOrder:
    """A person has ordered by hand: `ordering` becomes `ordered` under the supplier's reference. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value` (no reference).
    """
    if not (reference := reference.strip()):
        raise Refused("bad_value", "Give the supplier's order number.", field="reference")
    order = _locked(work, order_id)
    _change(work, order, "ordered", who, f"ordered by hand, reference {reference}", now)
    order.supplier_reference = reference
    return order


def receive(
    work: Session, order_id: int, *, who: str, now: datetime, unit_cost: Decimal | None = None
) -> PurchaseOrder:
    """The goods are here: stock, product, price and listing in this transaction. Once, however often. Does not commit.

    Args:
        unit_cost: landed cost per unit as it turned out, in DZD; None: as reserved.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value`.
    """
    if unit_cost is not None and not (unit_cost.is_finite() and CENT <= unit_cost < MOST_UNIT_COST):
        raise Refused(
            "bad_value",
            f"A unit costs a centime or more, and less than {MOST_UNIT_COST:,} DA, not {unit_cost}.",
            field="unit_cost",
        )
    order = _locked(work, order_id)
    if order.state == "received":
        return order
    cost = order.unit_price if unit_cost is None else unit_cost.quantize(CENT)
    _change(work, order, "received", who, f"{order.quantity} units received at {cost} DA each", now)
    receiving.take_in(work, order, unit_cost=cost, who=who, now=now)
    return order


def cancel(work: Session, order_id: int, *, who: str, reason: str, now: datetime) -> PurchaseOrder:
    """Cancels an order and releases its money. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state`, `not_cancellable` (a supplier's machine may have the order).
    """
    order = _locked(work, order_id)
    if order.state in ("ordering", "ordered") and not suppliers.named(order.supplier).by_hand:
        message = (
            f"The {order.supplier} supplier has order {order_id} or may have it: it cannot be taken back from here."
        )
        raise Refused("not_cancellable", message, order=order_id)
    _change(work, order, "cancelled", who, reason.strip() or "cancelled", now)
    money.release(work, order, now)
    return order


def _follow(order: PurchaseOrder, now: datetime) -> PurchaseOrder:
    supplier = suppliers.named(order.supplier)
    if supplier.by_hand:
        return order
    try:
        return place(order.id, now) if order.state == "ordering" else _ask_for_delivery(order, supplier, now)
    except Refused as refusal:
        log.warning("purchase %s waits: %s", order.id, refusal)
    except SupplierUnavailable as problem:
        return _note(order.id, str(problem), control.AGENT, now)
    return order


def _ask_for_delivery(order: PurchaseOrder, supplier: Supplier, now: datetime) -> PurchaseOrder:
    confirmation = supplier.by_reference(order.supplier_reference or "")
    if confirmation is None:
        raise SupplierUnavailable(f"the supplier does not know its own order {order.supplier_reference}")
    if confirmation.state == "ordered":
        return order
    _check(confirmation, _request(order))
    with database.session() as work:
        if confirmation.state == "delivered":
            cost = order.unit_price - (_asked(work, order) - confirmation.unit_price)
            changed = receive(work, order.id, who=control.AGENT, now=now, unit_cost=cost)
        else:
            changed = _locked(work, order.id)
            _change(work, changed, "cancelled", control.AGENT, "cancelled by the supplier", now)
            money.release(work, changed, now)
        work.commit()
    return changed


@contextlib.contextmanager
def _turn(order_id: int) -> Iterator[bool]:
    """Whether it is ours to place the order; ends with the block, or with the process."""
    with database.engine().connect() as guard, guard.begin():
        second = sa.cast(order_id % 2**31, sa.Integer)
        yield bool(guard.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(TURNS, second))))


def _claim(order_id: int, who: str, now: datetime) -> tuple[PurchaseOrder, bool]:
    """The order, and whether it has become `ordering` just now."""
    with database.session() as work:
        row = control.get(work, lock=True)
        order = _locked(work, order_id)
        if order.state != "approved":
            return order, False
        control.refuse_unless_buying(row)
        by_hand = suppliers.named(order.supplier).by_hand
        why = "handed over: a person orders it" if by_hand else f"sent to the {order.supplier} supplier"
        _change(work, order, "ordering", who, why, now)
        work.commit()
        return order, True


def _refuse_unless_buying() -> None:
    with database.session() as work:
        control.refuse_unless_buying(control.get(work))


def _confirm(order_id: int, confirmation: Confirmation, who: str, now: datetime) -> PurchaseOrder:
    with database.session() as work:
        order = _locked(work, order_id)
        if order.state == "ordering":
            why = f"confirmed as {confirmation.reference} at {confirmation.unit_price} DA each"
            _change(work, order, "ordered", who, why, now)
            order.supplier_reference = confirmation.reference
            work.commit()
        return order


def _fail(order_id: int, why: str, who: str, now: datetime) -> PurchaseOrder:
    log.warning("purchase %s failed: %s", order_id, why)
    with database.session() as work:
        order = _locked(work, order_id)
        if order.state == "ordering":
            _change(work, order, "failed", who, why, now)
            money.release(work, order, now)
            work.commit()
        return order


def _note(order_id: int, why: str, who: str, now: datetime) -> PurchaseOrder:
    """Writes down why an order does not move on, once for each reason."""
    log.warning("purchase %s: %s", order_id, why)
    with database.session() as work:
        order = _locked(work, order_id)
        events = sa.select(PurchaseEvent.why).where(PurchaseEvent.purchase_order_id == order_id)
        if work.scalar(events.order_by(PurchaseEvent.id.desc()).limit(1)) != why:
            _write_event(work, order, order.state, who, why, now)
            work.commit()
        return order


def _check(confirmation: Confirmation, request: Request) -> None:
    agreed = (request.sku, request.quantity)
    if (confirmation.sku, confirmation.quantity) != agreed or confirmation.unit_price > request.max_unit_price:
        raise SupplierUnavailable(
            f"order {confirmation.reference} is not what was asked for: {confirmation.quantity} x {confirmation.sku} at"
            f" {confirmation.unit_price} DA. A person has to settle this with the supplier."
        )


def _request(order: PurchaseOrder) -> Request:
    with database.session() as work:
        sku = work.get_one(Listing, order.listing_id).external_id
        price = _asked(work, order)
    return Request(key=order.idempotency_key, sku=sku, quantity=order.quantity, max_unit_price=price)


def _asked(work: Session, order: PurchaseOrder) -> Decimal:
    return work.get_one(Proposal, order.proposal_id).unit_price


def _read(order_id: int) -> PurchaseOrder:
    with database.session() as work:
        if (order := work.get(PurchaseOrder, order_id)) is None:
            raise Refused("not_found", f"There is no purchase {order_id}.", order=order_id)
        return order


def _locked(work: Session, order_id: int) -> PurchaseOrder:
    order = work.get(PurchaseOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise Refused("not_found", f"There is no purchase {order_id}.", order=order_id)
    return order


def _change(work: Session, order: PurchaseOrder, to_state: str, who: str, why: str, now: datetime) -> None:
    if to_state not in NEXT_STATES[order.state]:
        message = f"Purchase {order.id} is {order.state}: it cannot become {to_state}."
        raise Refused("wrong_state", message, order=order.id, state=order.state)
    _write_event(work, order, to_state, who, why, now)
    order.state, order.changed_at = to_state, now
    work.flush()


def _write_event(work: Session, order: PurchaseOrder, to_state: str, who: str, why: str, now: datetime) -> None:
    work.add(
        PurchaseEvent(purchase_order_id=order.id, from_state=order.state, to_state=to_state, at=now, who=who, why=why)
    )
