"""Entries of goods that move: in and out of stock, to shoppers and back. None of these functions commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import PurchaseOrder
from database.books import Entry, Posting
from database.orders import Order, OrderLine
from database.shop import StockMovement
from reseller import books, lots, money
from reseller.journal.order_lines import lines_of, shares, was_delivered


def moved(work: Session, movement: StockMovement) -> None:
    """A movement of stock, at what its units cost first in, first out.

    Units found before anything told their cost are worth nothing until the first receipt does; it revalues them.
    """
    fifo = lots.of_product(work, movement.product_id, until=movement.id)
    line = work.get(OrderLine, movement.order_line_id) if movement.order_line_id else None
    delivered = line is not None and was_delivered(work, line.order_id)
    sides = _goods(movement, fifo.cost(movement.id), delivered=delivered and movement.kind == "return")
    if delivered and line is not None and movement.kind == "return":
        sides += _refund(line, movement.quantity)
    entry = _post_movement(work, movement, movement.kind, f"movement:{movement.id}", sides, line)
    if delivered and movement.kind == "return" and entry is not None:
        money.tie_up_again(work, _reserved_for(work, fifo.moved[movement.id]), entry)
    if movement.unit_cost is not None:
        _revalue(work, movement, fifo)


def delivered(work: Session, order: Order, *, who: str, why: str, now: datetime, late: bool = False) -> Entry | None:
    """A shopper has an order and has paid the carrier: goods become cost, their price is earned, and the budget freed.

    Units that came back before are refunded in the same entry; `late`: it is posted after the fact, and what came back
    has entries of its own.
    """
    lines = lines_of(work, order.id)
    movements = [one for one in _movements(work, lines) if not late or one.kind == "sale"]
    charged = shares(order.delivery_fee, lines)
    sides: list[books.Side] = []
    for line in lines:
        price = line.quantity * line.unit_price
        sides += [("carrier", price + charged[line.id]), ("sales", -price, line.product_id)]
        sides += [("delivery_charged", -charged[line.id], line.product_id)]
        out = _goods_out(work, order.id, line.product_id)
        sides += [("cost_of_goods", out, line.product_id), ("goods_out", -out, line.product_id)]
        if back := sum(one.quantity for one in movements if one.order_line_id == line.id and one.kind == "return"):
            sides += _refund(line, back)
    entry = books.post(
        work, "delivered", sides, key=f"delivered:{order.id}", who=who, why=why, now=now, customer_order_id=order.id
    )
    if entry is not None:
        for product, fifo in lots.of_products(work, [line.product_id for line in lines]).items():
            sold = [one for one in movements if one.product_id == product]
            money.free_what_sold(work, _net(work, fifo, sold), entry)
    return entry


def _goods(movement: StockMovement, value: Decimal, *, delivered: bool) -> list[books.Side]:
    """Stock against what took or gave the units: `value` in DZD, positive whichever way they went."""
    product = movement.product_id
    change = value if movement.quantity > 0 else -value
    if movement.kind == "receipt":
        return [("stock", change, product), ("payables", -change)]
    if movement.kind in ("loss", "correction"):
        return [("stock", change, product), ("stock_losses", -change, product)]
    travels = movement.order_line_id is not None and not delivered
    return [("stock", change, product), ("goods_out" if travels else "cost_of_goods", -change, product)]


def _refund(line: OrderLine, units: int) -> list[books.Side]:
    amount = units * line.unit_price
    return [("refunds", amount, line.product_id), ("cash", -amount)]


def _revalue(work: Session, movement: StockMovement, fifo: lots.Fifo) -> None:
    """The first movement that tells a cost tells it of all that came before."""
    query = sa.select(StockMovement).where(
        StockMovement.product_id == movement.product_id, StockMovement.id < movement.id
    )
    earlier = list(work.scalars(query.order_by(StockMovement.id)))
    if any(one.unit_cost is not None for one in earlier):
        return
    for one in earlier:
        line = work.get(OrderLine, one.order_line_id) if one.order_line_id else None
        sides = _goods(one, fifo.cost(one.id), delivered=line is not None and was_delivered(work, line.order_id))
        _post_movement(work, one, "revaluation", f"movement:{one.id}:cost", sides, line)


def _post_movement(
    work: Session,
    movement: StockMovement,
    kind: str,
    key: str,
    sides: Iterable[books.Side],
    line: OrderLine | None,
) -> Entry | None:
    return books.post(
        work,
        kind,
        sides,
        key=key,
        who=movement.who,
        why=movement.reason,
        now=movement.at,
        purchase_order_id=movement.purchase_order_id,
        customer_order_id=line.order_id if line else None,
        stock_movement_id=movement.id,
    )


def _movements(work: Session, lines: Sequence[OrderLine]) -> list[StockMovement]:
    query = sa.select(StockMovement).where(StockMovement.order_line_id.in_([line.id for line in lines]))
    return list(work.scalars(query.where(StockMovement.kind.in_(("sale", "return"))).order_by(StockMovement.id)))


def _goods_out(work: Session, order_id: int, product_id: int) -> Decimal:
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), Decimal(0))).join(Entry)
    where = (Entry.customer_order_id == order_id, Posting.account == "goods_out", Posting.product_id == product_id)
    return Decimal(work.scalars(query.where(*where)).one())


def _net(work: Session, fifo: lots.Fifo, movements: Iterable[StockMovement]) -> dict[int, Decimal]:
    net: dict[int, Decimal] = defaultdict(Decimal)
    for movement in movements:
        sign = 1 if movement.kind == "sale" else -1
        for purchase, amount in _reserved_for(work, fifo.moved[movement.id]).items():
            net[purchase] += sign * amount
    return net


def _reserved_for(work: Session, units: Iterable[lots.Lot]) -> dict[int, Decimal]:
    """What was reserved for these units, DZD by purchase order."""
    quantities: dict[int, int] = defaultdict(int)
    for lot in units:
        quantities[lot.origin_id] += lot.quantity
    query = (
        sa.select(StockMovement.id, PurchaseOrder.id, PurchaseOrder.unit_price)
        .join(PurchaseOrder, PurchaseOrder.id == StockMovement.purchase_order_id)
        .where(StockMovement.id.in_(quantities))
    )
    reserved: dict[int, Decimal] = defaultdict(Decimal)
    for movement, purchase, price in work.execute(query):
        reserved[purchase] += quantities[movement] * price
    return reserved
