"""Whether the ledger agrees with the stock, and entries for what happened before it was kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import PurchaseOrder
from database.books import Entry
from database.orders import Order, OrderCost, OrderEvent
from database.shop import StockMovement
from reseller import books, journal, lots


def check(work: Session) -> list[str]:
    """What does not agree, a sentence each: accounts that do not sum to zero, stock that is worth something else."""
    found = []
    if difference := sum((row.amount for row in books.balances(work)), Decimal(0)):
        found.append(f"the accounts are {difference} DA off")
    held = books.by_product(work, "stock")
    for product, fifo in lots.of_products(work).items():
        value = sum((lot.value for lot in fifo.stock), Decimal(0))
        if value != held.get(product, Decimal(0)):
            found.append(f"product {product}: the lots are worth {value} DA, the ledger says {held.get(product, 0)}")
    return found


def catch_up(work: Session) -> int:
    """Posts what has no entry yet, in a database that is older than its ledger; returns how many. Does not commit."""
    before = _count(work)
    for movement in work.scalars(_without_entry(StockMovement, "movement", StockMovement.id)):
        journal.moved(work, movement)
        if movement.kind == "receipt" and movement.purchase_order_id and movement.unit_cost is not None:
            purchase = work.get_one(PurchaseOrder, movement.purchase_order_id)
            owed = movement.quantity * movement.unit_cost
            journal.purchase_paid(work, purchase, owed, who=movement.who, now=movement.at)
    arrived = _without_entry(OrderEvent, "delivered", OrderEvent.order_id).where(OrderEvent.to_state == "delivered")
    for event in work.scalars(arrived):
        order = work.get_one(Order, event.order_id)
        journal.delivered(work, order, who=event.who, why=event.why, now=event.at, late=True)
    for cost in work.scalars(_without_entry(OrderCost, "cost", OrderCost.id)):
        journal.cost_paid(work, cost)
    return _count(work) - before


def _without_entry(table: Any, prefix: str, number: Any) -> sa.Select[Any]:
    key = sa.func.concat(f"{prefix}:", number)
    posted = sa.select(Entry.id).where(Entry.idempotency_key == key)
    return sa.select(table).where(~posted.exists()).order_by(table.id)


def _count(work: Session) -> int:
    return work.scalars(sa.select(sa.func.count()).select_from(Entry)).one()
