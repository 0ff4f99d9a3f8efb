"""Proposals: what the agent would buy, and a person's yes or no."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from database.agent import Proposal, PurchaseOrder


def propose(work: Session, now: datetime, limit: int = 20) -> list[Proposal]:
    """New proposals within the budget that remains, best first; stale open ones expire. Does not commit.

    Without marts there is nothing to propose: an empty list.
    """
    raise NotImplementedError


def approve(work: Session, proposal_id: int, *, who: str, reason: str, now: datetime) -> PurchaseOrder:
    """Reserves the money and makes the purchase order, state `approved`. Does not commit; does not call the supplier.

    After the commit, `purchasing.place(order.id, now)` orders it; so does the agent's next cycle.

    Raises:
        Refused: `not_found`, `not_open`, `expired`, `stopped`, `dry_run`, `approval_needed`, `margin_floor`,
            `cap_product`, `budget_day`, `budget_total`.
    """
    raise NotImplementedError


def reject(work: Session, proposal_id: int, *, who: str, reason: str, now: datetime) -> Proposal:
    """Closes an open proposal; its listing is not proposed again for `sourcing.REST_AFTER_REJECTION`. Does not commit.

    Raises:
        Refused: `not_found`, `not_open`.
    """
    raise NotImplementedError
