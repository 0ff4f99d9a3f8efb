"""Entries of money that changes hands: capital, suppliers, carriers, fees. None of these functions commits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import PurchaseOrder
from database.books import Entry, Posting
from database.orders import OrderCost
from reseller import books
from reseller.journal.order_lines import lines_of, shares
from reseller.refusals import Refused

DELIVERY = ("delivery_out", "delivery_back")
FEES = ("payment_fee", "marketplace_fee")


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


def _prepaid(work: Session, purchase_id: int) -> Decimal:
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), Decimal(0))).join(Entry)
    where = (Entry.purchase_order_id == purchase_id, Posting.account == "prepayments")
    return Decimal(work.scalars(query.where(*where)).one())


def _refuse_senseless(amount: Decimal, *, signed: bool = False) -> None:
    if not amount.is_finite() or amount == 0 or (amount < 0 and not signed) or abs(amount) >= books.MOST_DINARS:
        raise Refused("bad_value", f"{amount} is no amount of dinars that can change hands.", field="amount")
    if amount != round(amount, 2):
        raise Refused("bad_value", f"{amount} DA is finer than a centime.", field="amount")
