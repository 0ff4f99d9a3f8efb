"""Purchase orders: from approved to received, each change with who, when and why."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from database.agent import PurchaseOrder

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


def place(order_id: int, now: datetime) -> PurchaseOrder:
    """Orders from the supplier, once however often it is called. Commits in its own sessions.

    `ordering` is committed before the supplier hears of it; an order found in `ordering` is asked for by its key
    before it is sent again. Ends `ordered`, `failed` (money released), or still `ordering` where the supplier did not
    answer or a person carries the order out.

    Raises:
        Refused: `not_found`, `stopped`, `dry_run`.
    """
    raise NotImplementedError


def poll(now: datetime) -> list[PurchaseOrder]:
    """Asks suppliers about open orders and receives what has arrived. Commits order by order; returns the changed."""
    raise NotImplementedError


def mark_ordered(work: Session, order_id: int, reference: str, *, who: str, now: datetime) -> PurchaseOrder:
    """A person has ordered by hand: `ordering` becomes `ordered` under the supplier's reference. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value` (no reference).
    """
    raise NotImplementedError


def receive(
    work: Session, order_id: int, *, who: str, now: datetime, unit_cost: Decimal | None = None
) -> PurchaseOrder:
    """The goods are here: stock, product, price and listing in this transaction. Once, however often. Does not commit.

    Args:
        unit_cost: landed cost per unit as it turned out, in DZD; None: as reserved.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value`.
    """
    raise NotImplementedError


def cancel(work: Session, order_id: int, *, who: str, reason: str, now: datetime) -> PurchaseOrder:
    """Cancels an order and releases its money. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state`, `not_cancellable` (a supplier's machine may have the order).
    """
    raise NotImplementedError
