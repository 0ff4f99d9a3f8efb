"""Which entries an event posts: goods that move, orders that arrive, money that changes hands. None of these commits.

Each is called in the transaction of its event, under the lock of the product or the order that it is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import PurchaseOrder
from database.books import Entry, Posting
from database.orders import Order, OrderCost, OrderEvent, OrderLine
from database.shop import StockMovement
from reseller import books, lots, money
from reseller.refusals import Refused

DELIVERY = ("delivery_out", "delivery_back")
FEES = ("payment_fee", "marketplace_fee")


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


def cost_paid(work: Session, cost: OrderCost) -> None:
    """What an order costs besides its goods, kept back by the carrier from what it collects, spread over the lines.

    The shares are those of the sum of all such costs of the order, so that many small costs round as one does.
    """
    account, kinds = ("delivery_costs", DELIVERY) if cost.kind in DELIVERY else ("fees", FEES)
    earlier = sa.select(sa.func.coalesce(sa.func.sum(OrderCost.amount), Decimal(0))).where(
        OrderCost.order_id == cost.order_id, OrderCost.kind.in_(kinds), OrderCost.id < cost.id
    )
    before = Decimal(work.scalars(earlier).one())
    lines = lines_of(work, cost.order_id)
    past, present = shares(before, lines), shares(before + cost.amount, lines)
    sides: list[books.Side] = [(account, present[line.id] - past[line.id], line.product_id) for line in lines]
    sides.append(("carrier", -cost.amount))
    books.post(
        work,
        cost.kind,
        sides,
        key=f"cost:{cost.id}",
        who=cost.who,
        why=cost.reason,
        now=cost.at,
        customer_order_id=cost.order_id,
    )


def purchase_prepaid(
    work: Session, purchase: PurchaseOrder, amount: Decimal, *, key: str, who: str, why: str, now: datetime
) -> Entry | None:
    """Money that left before the goods came; negative: the supplier gave it back.

    Raises:
        Refused: `bad_value`, zero, or more given back than was paid.
    """
    _refuse_senseless(amount, signed=True)
    if amount + _prepaid(work, purchase.id) < 0:
        raise Refused("bad_value", "The supplier cannot give back more than was paid.", field="amount")
    sides: list[books.Side] = [("prepayments", amount), ("cash", -amount)]
    return books.post(work, "prepayment", sides, key=key, who=who, why=why, now=now, purchase_order_id=purchase.id)


def purchase_paid(work: Session, purchase: PurchaseOrder, owed: Decimal, *, who: str, now: datetime) -> Entry | None:
    """The supplier of received goods is paid what is `owed` for them, in DZD: in cash, less what was prepaid."""
    prepaid = min(_prepaid(work, purchase.id), owed)
    sides: list[books.Side] = [("payables", owed), ("prepayments", -prepaid), ("cash", prepaid - owed)]
    why = f"purchase {purchase.id} paid on delivery"
    key = f"paid:{purchase.id}"
    return books.post(work, "payment", sides, key=key, who=who, why=why, now=now, purchase_order_id=purchase.id)


def handed_over(work: Session, amount: Decimal, *, key: str, who: str, why: str, now: datetime) -> Entry | None:
    """The carrier hands over cash that it has collected.

    Raises:
        Refused: `bad_value`, not positive, or more than the carrier owes us.
    """
    _refuse_senseless(amount)
    if amount > (owed := books.balance(work, "carrier")):
        raise Refused("bad_value", f"The carrier owes {owed:,.2f} DA, not {amount:,.2f}.", field="amount", owed=owed)
    return books.post(work, "remittance", [("cash", amount), ("carrier", -amount)], key=key, who=who, why=why, now=now)


def capital(work: Session, amount: Decimal, *, key: str, who: str, why: str, now: datetime) -> Entry | None:
    """Money that the owner puts in, or takes out where `amount` is negative.

    Raises:
        Refused: `bad_value`, zero, or more taken out than there is cash.
    """
    _refuse_senseless(amount, signed=True)
    work.execute(sa.text("select pg_advisory_xact_lock(hashtext('books.cash'))"))
    if amount < 0 and (cash := books.balance(work, "cash")) + amount < 0:
        raise Refused("bad_value", f"{-amount:,.2f} DA cannot be taken out of {cash:,.2f} DA.", field="amount")
    return books.post(work, "capital", [("cash", amount), ("capital", -amount)], key=key, who=who, why=why, now=now)


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


def _prepaid(work: Session, purchase_id: int) -> Decimal:
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), Decimal(0))).join(Entry)
    where = (Entry.purchase_order_id == purchase_id, Posting.account == "prepayments")
    return Decimal(work.scalars(query.where(*where)).one())


def _refuse_senseless(amount: Decimal, *, signed: bool = False) -> None:
    if not amount.is_finite() or amount == 0 or (amount < 0 and not signed) or abs(amount) >= books.MOST_DINARS:
        raise Refused("bad_value", f"{amount} is no amount of dinars that can change hands.", field="amount")
    if amount != round(amount, 2):
        raise Refused("bad_value", f"{amount} DA is finer than a centime.", field="amount")
