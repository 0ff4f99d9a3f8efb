"""What was looked at and what became of it: each offer of each cycle, so that a person can ask "why not this one"."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import agent, marts
from reseller import sourcing, wording
from reseller.planning import Plan, Purchase
from reseller.refusals import Refused

KEPT = timedelta(days=30)
"""How long a candidate is kept: a person asks about this week, an evaluation about this month."""


def keep(
    work: Session, looked_at: list[sourcing.Candidate], plan: Plan, proposals: dict[int, int], now: datetime
) -> int:
    """Writes what was looked at, taken or not, and forgets what is too old. Does not commit; returns how many.

    Args:
        proposals: id of the proposal by listing, of what was taken.
    """
    work.execute(sa.delete(agent.Candidate).where(agent.Candidate.cycle_at < now - KEPT))
    work.execute(sa.delete(agent.Candidate).where(agent.Candidate.cycle_at == now))
    quantities = {one.candidate.listing_id: one.quantity for one in plan.purchases}
    rows = []
    for one in looked_at:
        quantity = quantities.get(one.listing_id, 0)
        verdict = "taken" if quantity else plan.left_out[one.listing_id]
        rows.append(_row(one, verdict, quantity, now) | {"proposal_id": proposals.get(one.listing_id)})
    if rows:
        work.execute(sa.insert(agent.Candidate), rows)
    return len(rows)


def chances(purchase: Purchase) -> dict[str, str]:
    """How fast a purchase should sell, what it brings and what may be lost, by language."""
    return wording.verdict("chances", _numbers(purchase.candidate, purchase.quantity))


def latest(work: Session, listing_id: int) -> agent.Candidate | None:
    """The last time a listing was looked at; None where it was not within 30 days."""
    query = sa.select(agent.Candidate).where(agent.Candidate.listing_id == listing_id)
    return work.scalar(query.order_by(agent.Candidate.cycle_at.desc()).limit(1))


def why(work: Session, listing_id: int) -> dict[str, str]:
    """Why a listing is or is not bought, by language: what the last cycle said, else what keeps it from being asked.

    Raises:
        Refused: `not_found`, no listing has this id.
    """
    if (kept := latest(work, listing_id)) is not None:
        return {language: str(text) for language, text in kept.reasons.items()}
    if work.scalar(sa.text("select 1 from market.listing where id = :id"), {"id": listing_id}) is None:
        raise Refused("not_found", f"There is no listing {listing_id}.", listing=listing_id)
    return wording.verdict(_gate(work, listing_id), {})


def _gate(work: Session, listing_id: int) -> str:
    """What keeps a listing from being looked at: the first gate of `sourcing.can_be_had` that it does not pass."""
    trend = marts.trending_products_v2
    row = None
    if marts.built(work):
        row = work.execute(sa.select(trend).where(trend.c.listing_id == listing_id)).one_or_none()
    if row is None:
        return "unseen"
    gates = (
        ("not_resellable", not row.is_resellable),
        (
            "no_price",
            not row.price_dzd
            or not 0 < row.price_dzd < sourcing.MOST_PRICE
            or row.price_kind not in sourcing.ORDERABLE_PRICES,
        ),
        ("sold_out", row.availability not in sourcing.AVAILABLE or row.stock_left == 0),
        ("thin", row.confidence < sourcing.MIN_CONFIDENCE),
    )
    return next((key for key, shut in gates if shut), "not_trending")


def _row(one: sourcing.Candidate, verdict: str, quantity: int, now: datetime) -> dict[str, Any]:
    numbers = _numbers(one, quantity)
    return {
        "cycle_at": now,
        "listing_id": one.listing_id,
        "verdict": verdict,
        "score": one.score,
        "confidence": one.confidence,
        "details": _details(one),
        "reasons": wording.verdict(verdict, numbers, one.why),
        **numbers,
    }


def _numbers(one: sourcing.Candidate, quantity: int) -> dict[str, Any]:
    found, counted = one.appraisal, max(quantity, 1)
    return {
        "quantity": quantity,
        "price": one.quote.landed.price,
        "landed_cost": one.quote.landed.total,
        "reference_price": one.reference,
        "sale_price": one.quote.sale_price,
        "unit_profit": one.quote.profit,
        "margin": one.quote.margin,
        "rate": found and _four(found.rate.mean),
        "rate_low": found and _four(found.rate.quantile(0.1)),
        "rate_high": found and _four(found.rate.quantile(0.9)),
        "days_to_sell": found and Decimal(str(round(min(found.days(counted), 9999), 1))),
        "expected_profit": found and found.profit(counted),
        "downside": found and found.downside(counted),
    }


def _details(one: sourcing.Candidate) -> dict[str, Any]:
    units = one.appraisal.units if one.appraisal else ()
    return {
        "competitors": len([ask for ask in one.competition.asks if ask.listing_id != one.listing_id]),
        "ignored": [
            {"listing": ask.listing_id, "price": None if ask.price is None else str(ask.price), "why": ask.why}
            for ask in one.competition.ignored
        ],
        "market_rate": round(one.market.mean, 3) if one.market else None,
        "units": [
            {"chance": round(unit.chance, 3), "gain": round(unit.gain, 2), "days": round(unit.days, 1)}
            for unit in units
        ],
        "tied_up": str(one.tied_up),
    }


def _four(number: float) -> Decimal:
    return Decimal(str(round(min(number, 99_999_999), 4)))
