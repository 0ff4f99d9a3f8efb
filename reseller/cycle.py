"""One cycle of the agent: receive, reprice, propose, approve what it may, order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

import database
from database import marts
from database.agent import Proposal, PurchaseOrder
from reseller import control, money, proposals, purchasing, repricing
from reseller.refusals import Refused
from reseller.suppliers import browsers


@dataclass(slots=True)
class Summary:
    """What one cycle did. Money in DZD.

    Attributes:
        proposed: new proposals of this cycle; approved: those the agent approved itself.
        refused: how often each rule said no to the agent, by code.
        moved: purchases that changed state, the state they are in now.
        repriced: our prices that changed; in a dry run or while stopped, those that would have.
    """

    mode: str
    stopped: bool
    marts_built: bool
    proposed: list[Proposal] = field(default_factory=list)
    approved: list[PurchaseOrder] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    moved: list[PurchaseOrder] = field(default_factory=list)
    repriced: list[repricing.Repriced] = field(default_factory=list)
    tied_up: Decimal = Decimal(0)
    remaining: Decimal = Decimal(0)


def run(now: datetime, *, limit: int = 20) -> Summary:
    """Runs one cycle at `now`. Each step commits for itself: killed anywhere, the next cycle goes on from there."""
    with database.session() as work:
        row = control.get(work)
        summary = Summary(mode=row.mode, stopped=row.stopped, marts_built=marts.built(work))
        work.commit()
    summary.moved += purchasing.poll(now)
    summary.repriced = [one for one in repricing.run(now) if one.changes]
    with database.session() as work:
        summary.proposed = proposals.propose(work, now, limit)
        work.commit()
    if summary.mode == "auto" and not summary.stopped:
        _approve(summary, now)
    _place(summary, now)
    summary.moved += [order for order in purchasing.poll(now) if order.state == "received"]
    with database.session() as work:
        budget = money.budget(work, now)
        summary.tied_up, summary.remaining = budget.tied_up, budget.remaining
    return summary


def follow(now: datetime) -> list[PurchaseOrder]:
    """Orders what has waited long enough and asks about what is out; the purchases that changed state.

    What runs every few minutes between cycles: it proposes and approves nothing.
    """
    summary = Summary(mode="", stopped=False, marts_built=True)
    summary.moved += purchasing.poll(now)
    _place(summary, now)
    return summary.moved


def _approve(summary: Summary, now: datetime) -> None:
    """Approves open proposals, the best first: those of earlier cycles were made under the same rules."""
    with database.session() as work:
        weight = Proposal.expected_profit / Proposal.landed_cost * Proposal.confidence * Proposal.score
        query = sa.select(Proposal.id).where(Proposal.state == "proposed").order_by(weight.desc(), Proposal.id)
        waiting = work.scalars(query).all()
    for proposal_id in waiting:
        with database.session() as work:
            try:
                why = "within budget, mode auto"
                order = proposals.approve(work, proposal_id, who=control.AGENT, reason=why, now=now)
                work.commit()
                summary.approved.append(order)
            except Refused as refusal:
                summary.refused[refusal.code] += 1


def _place(summary: Summary, now: datetime) -> None:
    with database.session() as work:
        waiting = purchasing.waiting(work, "approved")
    with browsers.kept():
        for order_id in waiting:
            try:
                order = purchasing.place(order_id, now)
                summary.moved += [order] if order.state != "approved" else []
            except Refused as refusal:
                summary.refused[refusal.code] += 1
