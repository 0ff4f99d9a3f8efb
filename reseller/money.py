"""The budget ledger: what is reserved, what remains, and the one place that reserves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from database.agent import Proposal, PurchaseOrder


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
    """The limits and what is reserved under them at `now`."""
    raise NotImplementedError


def reserve(work: Session, order: PurchaseOrder, proposal: Proposal, *, who: str, now: datetime) -> None:
    """Reserves `order.total` under the lock on the control row, or refuses. Does not commit."""
    raise NotImplementedError


def release(work: Session, order: PurchaseOrder, now: datetime) -> None:
    """Gives an order's reservation back, once. Does not commit."""
    raise NotImplementedError
