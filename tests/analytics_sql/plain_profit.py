"""Profit by product, one order and one movement after the other: slow and plain, to compare the marts with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import Order, OrderCost, OrderLine
from database.shop import StockMovement
from tests.analytics_sql.plain_fifo import Books

DELIVERED = sa.text("select order_id from shop.order_event where to_state = 'delivered'")
Parts = Iterator[tuple[int, Decimal]]


def profit_by_product(work: Session, books: Books, movements: Iterable[StockMovement]) -> dict[int, Decimal]:
    """DZD by product id, of all products that an order or a movement names."""
    profit: dict[int, Decimal] = defaultdict(Decimal)
    delivered = set(work.scalars(DELIVERED))
    lines = {line.id: line for line in work.scalars(sa.select(OrderLine))}
    for order in work.scalars(sa.select(Order)):
        own = sorted((line for line in lines.values() if line.order_id == order.id), key=lambda line: line.id)
        for product, amount in _of_order(work, order, own, order.id in delivered):
            profit[product] += amount
    for movement in movements:
        line = lines.get(movement.order_line_id or 0)
        profit[movement.product_id] += _of_movement(books, movement, line, bool(line and line.order_id in delivered))
    return profit


def _of_order(work: Session, order: Order, lines: list[OrderLine], delivered: bool) -> Parts:
    costs = list(work.scalars(sa.select(OrderCost).where(OrderCost.order_id == order.id)))
    delivery = sum((cost.amount for cost in costs if cost.kind.startswith("delivery")), Decimal(0))
    fees = sum((cost.amount for cost in costs if cost.kind.endswith("fee")), Decimal(0))
    yield from _spread(order.delivery_fee if delivered else Decimal(0), lines)
    for amount in (delivery, fees):
        yield from ((product, -part) for product, part in _spread(amount, lines))
    for line in lines if delivered else []:
        yield line.product_id, line.quantity * line.unit_price


def _spread(amount: Decimal, lines: list[OrderLine]) -> Parts:
    """By what the lines sell for, else by units: running totals cut to the centime, each less the one before."""
    weights = [int(line.quantity * line.unit_price * 100) for line in lines]
    weights = weights if sum(weights) else [line.quantity for line in lines]
    before = 0
    for end, line in enumerate(lines, 1):
        until = int(amount * 100) * sum(weights[:end]) // sum(weights)
        yield line.product_id, Decimal(until - before) / 100
        before = until


def _of_movement(books: Books, movement: StockMovement, line: OrderLine | None, delivered: bool) -> Decimal:
    cost = books.cost[movement.id] * (1 if movement.quantity > 0 else -1)
    if movement.kind in ("loss", "correction") or (movement.kind != "receipt" and line is None):
        return cost
    if line is None or not delivered:
        return Decimal(0)
    return cost - (movement.quantity * line.unit_price if movement.kind == "return" else 0)
