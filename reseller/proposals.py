"""Proposals: what the agent would buy, and a person's yes or no."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.agent import Control, Proposal, PurchaseEvent, PurchaseOrder
from database.market import Listing
from reseller import (
    appraisal,
    candidates,
    control,
    holdings,
    money,
    planning,
    purchase_check,
    purchasing,
    sourcing,
    suppliers,
    wording,
)
from reseller.refusals import Refused

log = logging.getLogger(__name__)

LIFETIME = timedelta(hours=48)
"""How long a proposal stays open: two days of a person not looking; prices and stock are others by then."""

PRICE_TOLERANCE = Decimal("1.02")
"""An open proposal survives a rise of 2 %; above, its arithmetic is wrong and it expires."""


def propose(work: Session, now: datetime, limit: int = 20) -> list[Proposal]:
    """New proposals within the budget that remains, best first; stale open ones expire. Does not commit.

    Every offer that was looked at is kept with its numbers and its verdict (`candidates`). Open
    proposals count against the budget as if they were approved, so that all of them could be. Holds the control row
    until the transaction ends. Without marts there is nothing to propose: an empty list.
    """
    row = control.get(work, lock=True)
    expire(work, now)
    if not marts.built(work):
        return []
    budget = money.budget(work, now)
    looked_at = sourcing.candidates(work, now, margin_floor=row.margin_floor)
    in_category, with_seller = holdings.tied_up(work)
    chosen = planning.plan(
        looked_at,
        planning.Limits(
            remaining=budget.remaining - _open_total(work),
            product=budget.cap_per_product,
            purchases=limit,
            hurdle=appraisal.hurdle(budget.tied_up + _open_total(work), budget.total),
            category=budget.total * holdings.CATEGORY_SHARE,
            seller=budget.total * holdings.SELLER_SHARE,
            in_category=in_category,
            with_seller=with_seller,
        ),
    )
    made = [_proposal(purchase, row, now) for purchase in chosen.purchases]
    work.add_all(made)
    work.flush()
    candidates.keep(work, looked_at, chosen, {one.listing_id: one.id for one in made}, now)
    return made


def expire(work: Session, now: datetime) -> int:
    """Closes open proposals that are too old, or whose offer is gone or dearer. Does not commit; returns how many."""
    closed = _close(work, now, Proposal.created_at <= now - LIFETIME, "too old")
    if marts.built(work):
        trend = marts.trending_products_v2
        still_good = sa.select(trend.c.listing_id).where(
            trend.c.listing_id == Proposal.listing_id,
            sourcing.is_offered(),
            trend.c.price_dzd <= Proposal.unit_price * PRICE_TOLERANCE,
        )
        closed += _close(work, now, ~still_good.exists(), "gone, dearer, or no longer trending")
    return closed + _close(work, now, Proposal.id.in_(_turned(work)), "the page has become another product")


def approve(work: Session, proposal_id: int, *, who: str, reason: str, now: datetime) -> PurchaseOrder:
    """Reserves the money and makes the purchase order, state `approved`. Does not commit; does not call the supplier.

    After the commit, `purchasing.place(order.id, now)` orders it; so does the agent's next cycle.

    Raises:
        Refused: `not_found`, `not_open`, `expired`, `stopped`, `dry_run`, `approval_needed`, `margin_floor`,
            `cap_product`, `budget_day`, `budget_total`.
    """
    control.get(work, lock=True)
    proposal = _open(work, proposal_id)
    if proposal.created_at <= now - LIFETIME:
        raise Refused("expired", f"Proposal {proposal_id} is too old: its price may be another by now.")
    if proposal.id in _turned(work):
        raise Refused("expired", f"The page of proposal {proposal_id} has become another product.")
    order = PurchaseOrder(
        proposal_id=proposal.id,
        listing_id=proposal.listing_id,
        supplier=proposal.supplier,
        idempotency_key=str(uuid.uuid4()),
        state="approved",
        quantity=proposal.quantity,
        unit_price=proposal.landed_cost,
        total=proposal.quantity * proposal.landed_cost,
        not_before=purchasing.earliest(who, now),
        created_at=now,
        changed_at=now,
    )
    money.reserve(work, order, proposal, who=who, now=now)
    _decide(proposal, "approved", who, reason, now)
    work.add(
        PurchaseEvent(
            purchase_order_id=order.id, from_state=None, to_state="approved", at=now, who=who, why=reason or "approved"
        )
    )
    work.flush()
    return order


def reject(work: Session, proposal_id: int, *, who: str, reason: str, now: datetime) -> Proposal:
    """Closes an open proposal; its listing is not proposed again for `sourcing.REST_AFTER_REJECTION`. Does not commit.

    Raises:
        Refused: `not_found`, `not_open`.
    """
    proposal = _open(work, proposal_id)
    _decide(proposal, "rejected", who, reason, now)
    work.flush()
    return proposal


def _turned(work: Session) -> list[int]:
    """Open proposals whose listing has another product's title by now."""
    titles = sa.select(Proposal.id, Proposal.title, Listing.title.label("now")).join(
        Listing, Listing.id == Proposal.listing_id
    )
    rows = work.execute(titles.where(Proposal.state == "proposed", Proposal.title != Listing.title))
    return [row.id for row in rows if purchase_check.is_another(row.title, row.now)]


def _open(work: Session, proposal_id: int) -> Proposal:
    proposal = work.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise Refused("not_found", f"There is no proposal {proposal_id}.", proposal=proposal_id)
    if proposal.state != "proposed":
        message = f"Proposal {proposal_id} is {proposal.state} already."
        raise Refused("not_open", message, proposal=proposal_id, state=proposal.state)
    return proposal


def _decide(proposal: Proposal, state: str, who: str, reason: str, now: datetime) -> None:
    proposal.state = state
    proposal.decided_at, proposal.decided_by, proposal.decision_reason = now, who, reason.strip() or None


def _close(work: Session, now: datetime, condition: sa.ColumnElement[bool], why: str) -> int:
    changed = {"state": "expired", "decided_at": now, "decided_by": control.AGENT, "decision_reason": why}
    statement = sa.update(Proposal).where(Proposal.state == "proposed", condition).values(changed)
    return len(work.scalars(statement.returning(Proposal.id)).all())


def _open_total(work: Session) -> Decimal:
    total = sa.func.sum(Proposal.quantity * Proposal.landed_cost)
    query = sa.select(sa.func.coalesce(total, Decimal(0))).where(Proposal.state == "proposed")
    return Decimal(work.scalars(query).one())


def _proposal(purchase: planning.Purchase, row: Control, now: datetime) -> Proposal:
    one, quote = purchase.candidate, purchase.candidate.quote
    return Proposal(
        listing_id=one.listing_id,
        state="proposed",
        mode=row.mode,
        title=one.title,
        quantity=purchase.quantity,
        offer_price=one.price,
        offer_currency=one.currency,
        unit_price=quote.landed.price,
        landed_cost=quote.landed.total,
        sale_price=quote.sale_price,
        expected_profit=quote.profit,
        margin=quote.margin,
        score=one.score,
        confidence=one.confidence,
        arithmetic={"steps": [{"key": key, "amount": str(amount)} for key, amount in quote.steps]},
        reasons=wording.reasons(one.why, quote, purchase.quantity, candidates.chances(purchase)),
        supplier=suppliers.for_listing(one.marketplace, one.country),
        created_at=now,
    )
