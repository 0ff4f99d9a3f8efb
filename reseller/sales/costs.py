"""What an order costs besides its goods. None of these functions commits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import COST_KINDS, Order, OrderCost
from reseller import journal
from reseller.refusals import Refused
from reseller.sales.states import locked, whole


@whole
def charge(
    work: Session, order_id: int, kind: str, amount: Decimal, *, key: str, who: str, reason: str, now: datetime
) -> OrderCost:
    """What an order costs besides its goods, or the correction of an earlier entry where `amount` is negative.

    Raises:
        Refused: `not_found`, `bad_value`.
    """
    if kind not in COST_KINDS or not amount.is_finite() or not 0 < abs(amount) < Decimal(10**9):
        raise Refused("bad_value", f"A cost of {amount} DA for {kind!r} means nothing.", field="amount")
    order = locked(work, order_id)
    return _charge(work, order, kind, round(amount, 2), key, who, reason, now)


def cost_once(work: Session, order: Order, kind: str, amount: Decimal, who: str, now: datetime) -> None:
    """Books a cost of a kind of which the order has none yet, DZD; nothing for nought."""
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
