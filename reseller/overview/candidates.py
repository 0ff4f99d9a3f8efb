"""Offers that were looked at, taken or not, with their numbers and the sentence that says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import Candidate
from database.market import Listing
from reseller.overview.paging import Page, containing, paged

SORTS = ("return", "profit", "doubt", "price")
ROUNDS_SHOWN = 20
PICTURED = 400
"""Most offers in the picture: what one round looks at."""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One offer of one round. Money in DZD, as in `agent.candidate`; rates in units a day."""

    id: int
    cycle_at: datetime
    listing_id: int
    proposal_id: int | None
    title: str
    brand: str | None
    marketplace: str
    url: str
    verdict: str
    quantity: int
    price: Decimal
    landed_cost: Decimal
    reference_price: Decimal | None
    sale_price: Decimal
    unit_profit: Decimal
    margin: Decimal
    rate: Decimal | None
    rate_low: Decimal | None
    rate_high: Decimal | None
    days_to_sell: Decimal | None
    expected_profit: Decimal | None
    downside: Decimal | None
    score: Decimal
    confidence: Decimal
    details: dict[str, Any]
    reasons: dict[str, Any]
    daily_return: Decimal | None
    doubt: Decimal | None

    def reason(self, language: str) -> str:
        """Why it was taken or not, in `language`."""
        return str(self.reasons.get(language) or self.reasons.get("en") or "")


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """One offer of one round, and what other rounds made of it, newest first."""

    row: CandidateRow
    others: Sequence[CandidateRow]


_units = sa.func.greatest(Candidate.quantity, 1)
RETURN = (
    Candidate.expected_profit
    / sa.func.nullif(Candidate.landed_cost * _units, 0)
    / sa.func.greatest(Candidate.days_to_sell, 1)
)
"""Expected profit from each dinar and day tied up: a fraction a day."""
DOUBT = (Candidate.rate_high - Candidate.rate_low) / sa.func.nullif(Candidate.rate, 0)
"""Width of the interval of the demand rate (10 to 90 %) beside its mean."""
_FIELDS: dict[str, Any] = {
    "title": Listing.title,
    "brand": Listing.brand,
    "marketplace": Listing.marketplace,
    "url": Listing.url,
    "daily_return": RETURN,
    "doubt": DOUBT,
}
_COLUMNS = [
    (_FIELDS[name] if name in _FIELDS else getattr(Candidate, name)).label(name)
    for name in CandidateRow.__dataclass_fields__
]
_FROM = sa.select(*_COLUMNS).join_from(Candidate, Listing, Listing.id == Candidate.listing_id)
_ORDERINGS: dict[str, Any] = {
    "return": RETURN.desc().nulls_last(),
    "profit": Candidate.expected_profit.desc().nulls_last(),
    "doubt": DOUBT.asc().nulls_last(),
    "price": Candidate.price.asc(),
}


def _row(found: Any) -> CandidateRow:
    return CandidateRow(*found)


def rounds(work: Session) -> list[tuple[datetime, int]]:
    """The last rounds in which offers were looked at, newest first, and how many offers each."""
    query = sa.select(Candidate.cycle_at, sa.func.count()).group_by(Candidate.cycle_at)
    found = work.execute(query.order_by(Candidate.cycle_at.desc()).limit(ROUNDS_SHOWN))
    return [(at, count) for at, count in found]


def verdicts(work: Session, cycle_at: datetime) -> Mapping[str, int]:
    """How many offers of a round met each verdict, the most frequent first; `taken` before all."""
    query = sa.select(Candidate.verdict, sa.func.count().label("found")).where(Candidate.cycle_at == cycle_at)
    ordering = ((Candidate.verdict == "taken").desc(), sa.func.count().desc(), Candidate.verdict)
    found = work.execute(query.group_by(Candidate.verdict).order_by(*ordering))
    return {row.verdict: row.found for row in found}


def candidates(
    work: Session,
    cycle_at: datetime,
    *,
    verdict: str | None = None,
    query: str = "",
    sort: str = "return",
    page: int = 1,
    size: int = 50,
) -> Page[CandidateRow]:
    """The offers of a round, taken ones first.

    Args:
        sort: one of `SORTS`.
    """
    chosen = _FROM.where(Candidate.cycle_at == cycle_at)
    if verdict:
        chosen = chosen.where(Candidate.verdict == verdict)
    for word in query.split():
        text = sa.func.unaccent(sa.func.concat_ws(" ", Listing.brand, Listing.title))
        chosen = chosen.where(text.ilike(sa.func.unaccent(containing(word))))
    ordering = [(Candidate.verdict == "taken").desc(), _ORDERINGS.get(sort, _ORDERINGS["return"]), Candidate.id]
    return paged(work, chosen, ordering, _row, page, size)


def pictured(work: Session, cycle_at: datetime) -> list[CandidateRow]:
    """The offers of a round whose demand could be estimated: those that a picture can place."""
    chosen = _FROM.where(Candidate.cycle_at == cycle_at, RETURN.is_not(None), DOUBT.is_not(None))
    return [_row(found) for found in work.execute(chosen.order_by(Candidate.id).limit(PICTURED))]


def candidate(work: Session, candidate_id: int) -> CandidatePage | None:
    """One offer of one round, or None."""
    found = work.execute(_FROM.where(Candidate.id == candidate_id)).one_or_none()
    if found is None:
        return None
    row = _row(found)
    same = _FROM.where(Candidate.listing_id == row.listing_id, Candidate.id != row.id)
    return CandidatePage(row, [_row(one) for one in work.execute(same.order_by(Candidate.cycle_at.desc()).limit(10))])


def of_proposal(work: Session, proposal_id: int) -> CandidateRow | None:
    """What a proposal rests on; None where its round is forgotten."""
    found = work.execute(_FROM.where(Candidate.proposal_id == proposal_id).limit(1)).one_or_none()
    return None if found is None else _row(found)
