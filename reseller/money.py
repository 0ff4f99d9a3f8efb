"""The budget ledger: what is reserved, what remains, and the one place that reserves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from database.agent import BudgetEntry, Control, Proposal, PurchaseOrder
from database.books import Entry
from reseller import control, limits

ALGIERS = ZoneInfo("Africa/Algiers")
CASH_AT_HAND = sa.text(
    """
    select (select sum(amount) from books.posting where account = 'cash')
        - (select coalesce(sum(b.amount), 0) from agent.budget_entry as b
            join agent.purchase_order as p on p.id = b.purchase_order_id
            where p.state in ('proposed', 'approved', 'ordering', 'ordered'))
        + (select coalesce(sum(amount), 0) from books.posting where account = 'prepayments')
    where exists (select from books.posting where account = 'capital')
    """
)


@dataclass(frozen=True, slots=True)
class Budget:
    """Money in DZD at one time: what may be reserved, and what is.

    Attributes:
        per_day, total, cap_per_product: the limits.
        reserved_today: reserved on `now`'s day in Algiers, less what was released of it.
        tied_up: the sum of the ledger.
    """

    per_day: Decimal
    total: Decimal
    cap_per_product: Decimal
    reserved_today: Decimal
    tied_up: Decimal

    @property
    def remaining(self) -> Decimal:
        """What may still be reserved now, in DZD, never below zero."""
        return max(Decimal(0), min(self.per_day - self.reserved_today, self.total - self.tied_up))


def budget(work: Session, now: datetime) -> Budget:
    """The limits and what is reserved under them at `now`. Does not commit."""
    row = control.get(work)
    return Budget(row.budget_per_day, row.budget_total, row.cap_per_product, reserved_on(work, now), tied_up(work))


def day_in_algiers(now: datetime) -> tuple[datetime, datetime]:
    """First instant of `now`'s day in Algiers, and of the next."""
    start = now.astimezone(ALGIERS).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def reserved_on(work: Session, now: datetime) -> Decimal:
    """DZD reserved on `now`'s day in Algiers. What was released of it, on any day, is free again for that day.

    What was bought and sold on one day has used the day's budget up all the same.
    """
    start, end = day_in_algiers(now)
    of_the_day = sa.select(BudgetEntry.purchase_order_id).where(
        BudgetEntry.kind == "reserve", BudgetEntry.at >= start, BudgetEntry.at < end
    )
    return _sum(work, BudgetEntry.purchase_order_id.in_(of_the_day) & BudgetEntry.kind.in_(("reserve", "release")))


def tied_up(work: Session) -> Decimal:
    """DZD reserved in all, and neither released nor back by a sale."""
    return _sum(work, sa.true())


def tied_up_in(work: Session, listing_id: int) -> Decimal:
    """DZD reserved in all for one market listing."""
    orders = sa.select(PurchaseOrder.id).where(PurchaseOrder.listing_id == listing_id)
    return _sum(work, BudgetEntry.purchase_order_id.in_(orders))


def tied_up_for(work: Session, purchase_order_id: int) -> Decimal:
    """DZD that one purchase still ties up."""
    return _sum(work, BudgetEntry.purchase_order_id == purchase_order_id)


def cash_at_hand(work: Session) -> Decimal | None:
    """Cash in the ledger less what is reserved for purchases that are not paid yet, in DZD; None without any capital.

    One statement, so that a purchase that is paid meanwhile counts once.
    """
    found = work.scalar(CASH_AT_HAND)
    return None if found is None else Decimal(found)


def reserve(work: Session, order: PurchaseOrder, proposal: Proposal, *, who: str, now: datetime) -> None:
    """Reserves `order.total` under the lock on the control row. Does not commit.

    The lock is held until the transaction ends, so the sums stay true until the reservation is visible to others.

    Raises:
        Refused: a rule of `limits.RULES` says no.
    """
    row = control.get(work, lock=True)
    request = _request(work, row, order, proposal, who, now)
    for rule in limits.RULES:
        rule(request)
    work.add(order)
    work.flush()
    work.add(BudgetEntry(purchase_order_id=order.id, kind="reserve", amount=order.total, at=now))
    work.flush()


def release(work: Session, order: PurchaseOrder, now: datetime) -> None:
    """Gives an order's reservation back, once. Does not commit."""
    left = tied_up_for(work, order.id)
    if left > 0:
        work.add(BudgetEntry(purchase_order_id=order.id, kind="release", amount=-left, at=now))
        work.flush()


def free_what_sold(work: Session, costs: Mapping[int, Decimal], entry: Entry) -> None:
    """What was reserved for units that a shopper has paid is free again. Does not commit.

    Args:
        costs: DZD by purchase order.
        entry: of the ledger, for the delivery.
    """
    _write(work, "sold", {purchase: -amount for purchase, amount in costs.items() if amount > 0}, entry)


def tie_up_again(work: Session, costs: Mapping[int, Decimal], entry: Entry) -> None:
    """Sold units came back: their money is in the stock again, whatever the budget says now. Does not commit."""
    _write(work, "returned", costs, entry)


def _write(work: Session, kind: str, amounts: Mapping[int, Decimal], entry: Entry) -> None:
    for purchase, amount in amounts.items():
        row = {"purchase_order_id": purchase, "kind": kind, "amount": amount, "at": entry.at, "entry_id": entry.id}
        work.execute(insert(BudgetEntry).values(row).on_conflict_do_nothing())


def _request(
    work: Session, row: Control, order: PurchaseOrder, proposal: Proposal, who: str, now: datetime
) -> limits.Request:
    return limits.Request(
        mode=row.mode,
        stopped=row.stopped,
        stopped_reason=row.stopped_reason,
        budget_per_day=row.budget_per_day,
        budget_total=row.budget_total,
        cap_per_product=row.cap_per_product,
        margin_floor=row.margin_floor,
        reserved_today=reserved_on(work, now),
        tied_up=tied_up(work),
        on_product=tied_up_in(work, order.listing_id),
        amount=order.total,
        margin=proposal.margin,
        by_agent=who == control.AGENT,
        cash=cash_at_hand(work),
    )


def _sum(work: Session, condition: sa.ColumnElement[bool]) -> Decimal:
    query = sa.select(sa.func.coalesce(sa.func.sum(BudgetEntry.amount), Decimal(0))).where(condition)
    return Decimal(work.scalars(query).one())
