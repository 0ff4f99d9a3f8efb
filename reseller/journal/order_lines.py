"""An order's lines, and how an amount of the order is spread over them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import OrderEvent, OrderLine


def shares(amount: Decimal, lines: Sequence[OrderLine]) -> dict[int, Decimal]:
    """An order's amount by line, as the marts spread it: by what the lines sell for, by units where all is free."""
    weights = [int(line.quantity * line.unit_price * 100) for line in lines]
    if not sum(weights):
        weights = [line.quantity for line in lines]
    centimes, before, found = int(amount * 100), 0, {}
    for end, line in enumerate(lines, 1):
        part = abs(centimes) * sum(weights[:end]) // sum(weights)
        until = part if centimes >= 0 else -part
        found[line.id] = Decimal(until - before) / 100
        before = until
    return found


def lines_of(work: Session, order_id: int) -> list[OrderLine]:
    """An order's lines, in the order in which they were written."""
    return list(work.scalars(sa.select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)))


def was_delivered(work: Session, order_id: int) -> bool:
    """Whether a shopper has, or once had, the order."""
    query = sa.select(OrderEvent.id).where(OrderEvent.order_id == order_id, OrderEvent.to_state == "delivered")
    return work.scalar(query) is not None
