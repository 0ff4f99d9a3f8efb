"""A person's yes to a proposal, as the console and the API carry it out: reserve, commit, then order."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from database.agent import PurchaseOrder
from reseller import proposals, purchasing
from reseller.refusals import Refused

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved purchase. `held_up` says why it is not with the supplier yet; the agent's next cycle tries again."""

    order: PurchaseOrder
    held_up: Refused | None = None


def approve(work: Session, proposal_id: int, *, who: str, reason: str, now: datetime) -> Approved:
    """Approves and commits, then orders. What the supplier answers cannot undo the approval.

    Raises:
        Refused: see `reseller.proposals.approve`; nothing was changed.
    """
    order = proposals.approve(work, proposal_id, who=who, reason=reason, now=now)
    work.commit()
    try:
        return Approved(purchasing.place(order.id, now, who=who))
    except Refused as refusal:
        log.warning("purchase %s is approved but not placed: %s", order.id, refusal.message)
        return Approved(order, refusal)
