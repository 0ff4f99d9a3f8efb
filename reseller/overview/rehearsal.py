"""Test mode: what one cycle would do now, by the cycle's own rules, taken back before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import marts
from database.agent import Proposal
from reseller import control, money, proposals, repricing
from reseller.overview import candidates
from reseller.overview.proposals import ProposalRow, proposal
from reseller.overview.purchases import PurchaseRow, purchases
from reseller.refusals import Refused


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One cycle that was not kept. Money in DZD.

    Attributes:
        mode: the mode it was rehearsed in; `stopped`: the switch, which no rehearsal releases.
        proposed: what would be proposed, best first; the ids are of no row.
        expired: open proposals that would close.
        approved: ids of those, new or open, that the agent would approve itself, in mode `auto`.
        refused: why it would not approve the others, by id.
        leaving: approved purchases that would be ordered.
        waiting: approved purchases whose time to object is not over.
        verdicts: how many offers would meet each verdict.
        prices: our prices, those that would change first.
        remaining: what could still be reserved afterwards.
    """

    mode: str
    stopped: bool
    marts_built: bool
    proposed: Sequence[ProposalRow]
    expired: Sequence[ProposalRow]
    leaving: Sequence[PurchaseRow]
    waiting: Sequence[PurchaseRow]
    verdicts: Mapping[str, int]
    prices: Sequence[repricing.Repriced]
    remaining: Decimal
    approved: frozenset[int] = frozenset()
    refused: Mapping[int, Refused] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """What the new proposals would reserve, if all were approved."""
        return sum((row.total for row in self.proposed), Decimal(0))

    @property
    def profit(self) -> Decimal:
        """What the new proposals are expected to bring."""
        return sum((row.profit for row in self.proposed), Decimal(0))


def rehearse(now: datetime, mode: str | None = None, limit: int = 20) -> Rehearsal:
    """What a cycle at `now` would do, in its own session, which is rolled back.

    Args:
        mode: as if the agent were in this mode; None: as it is.
    """
    with database.session() as work:
        try:
            return _played(work, now, mode, limit)
        finally:
            work.rollback()


def _played(work: Session, now: datetime, mode: str | None, limit: int) -> Rehearsal:
    row = control.get(work)
    prices = sorted(repricing.plan(work, now), key=lambda one: not one.changes)
    if mode is not None and mode != row.mode:
        row = control.change(work, who="test mode", mode=mode)
    before = set(_open(work))
    made = proposals.propose(work, now, limit)
    expired = before - set(_open(work))
    proposed = _rows(work, [one.id for one in made])
    approved, refused = _approved(work, now) if row.mode == "auto" else (frozenset(), {})
    buying = not row.stopped and row.mode != "dry-run"
    orders = purchases(work, "approved", size=200).rows
    leaving = [one for one in orders if one.not_before is None or one.not_before <= now] if buying else []
    return Rehearsal(
        mode=row.mode,
        stopped=row.stopped,
        marts_built=marts.built(work),
        proposed=proposed,
        expired=_rows(work, sorted(expired)),
        leaving=leaving,
        waiting=[one for one in orders if one not in leaving and one.proposal_id not in approved],
        verdicts=candidates.verdicts(work, now),
        prices=prices,
        remaining=money.budget(work, now).remaining,
        approved=approved,
        refused=refused,
    )


def _open(work: Session) -> Sequence[int]:
    weight = Proposal.expected_profit / Proposal.landed_cost * Proposal.confidence * Proposal.score
    query = sa.select(Proposal.id).where(Proposal.state == "proposed")
    return work.scalars(query.order_by(weight.desc(), Proposal.id)).all()


def _approved(work: Session, now: datetime) -> tuple[frozenset[int], dict[int, Refused]]:
    done, refused = set(), {}
    for proposal_id in _open(work):
        try:
            with work.begin_nested():
                proposals.approve(work, proposal_id, who=control.AGENT, reason="", now=now)
            done.add(proposal_id)
        except Refused as refusal:
            refused[proposal_id] = refusal
    return frozenset(done), refused


def _rows(work: Session, ids: Sequence[int]) -> list[ProposalRow]:
    found = [proposal(work, one) for one in ids]
    return [page.row for page in found if page is not None]
