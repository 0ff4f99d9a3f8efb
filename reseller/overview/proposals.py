"""Proposals: what the agent would buy, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.agent import Proposal, PurchaseOrder
from database.market import Listing
from reseller.overview.paging import Page, containing, paged


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal. Money per unit in DZD; `total` is what approving it would reserve, `profit` what the lot brings."""

    id: int
    state: str
    mode: str
    listing_id: int
    title: str
    brand: str | None
    category: str | None
    marketplace: str
    country: str
    url: str
    seller_kind: str
    quantity: int
    offer_price: Decimal
    offer_currency: str
    unit_price: Decimal
    landed_cost: Decimal
    sale_price: Decimal
    expected_profit: Decimal
    margin: Decimal
    score: Decimal
    confidence: Decimal
    reasons: dict[str, Any]
    arithmetic: dict[str, Any]
    supplier: str
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    purchase_id: int | None
    purchase_state: str | None

    @property
    def total(self) -> Decimal:
        """Landed cost of the whole lot, in DZD."""
        return self.landed_cost * self.quantity

    @property
    def profit(self) -> Decimal:
        """Expected profit of the whole lot, in DZD."""
        return self.expected_profit * self.quantity

    def reason(self, language: str) -> str:
        """Why the agent proposes it, in `language`."""
        return str(self.reasons.get(language) or self.reasons.get("en") or "")

    @property
    def steps(self) -> list[Step]:
        """The arithmetic from sale price to profit, in order."""
        return [Step(str(step["key"]), Decimal(str(step["amount"]))) for step in self.arithmetic.get("steps", [])]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the arithmetic: what it is, and DZD per unit."""

    key: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PricePoint:
    """One day of a listing: its closing price in `currency`, and whether it could be bought."""

    day: date
    price: Decimal | None
    price_dzd: Decimal | None
    low_30d: Decimal | None
    currency: str | None
    availability: str


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A proposal with the listing's prices day by day and earlier proposals of the same listing."""

    row: ProposalRow
    price_now: Decimal | None
    availability_now: str | None
    rating: Decimal | None
    rating_count: int | None
    history: Sequence[PricePoint]
    earlier: Sequence[ProposalRow]


_FIELDS: dict[str, Any] = {
    "title": Listing.title,
    "brand": Listing.brand,
    "category": Listing.category_path[sa.func.cardinality(Listing.category_path)],
    "marketplace": Listing.marketplace,
    "country": Listing.country,
    "url": Listing.url,
    "seller_kind": Listing.seller_kind,
    "purchase_id": PurchaseOrder.id,
    "purchase_state": PurchaseOrder.state,
}
_COLUMNS = [
    (_FIELDS[name] if name in _FIELDS else getattr(Proposal, name)).label(name)
    for name in ProposalRow.__dataclass_fields__
]


def _select() -> sa.Select:
    return (
        sa.select(*_COLUMNS)
        .join_from(Proposal, Listing, Listing.id == Proposal.listing_id)
        .outerjoin(PurchaseOrder, PurchaseOrder.proposal_id == Proposal.id)
    )


def _row(found: Any) -> ProposalRow:
    return ProposalRow(*found)


def proposals(
    work: Session, state: str | None = None, *, query: str = "", page: int = 1, size: int = 50
) -> Page[ProposalRow]:
    """Proposals in `state` (all for None): open ones by expected profit of the lot, decided ones newest first."""
    chosen = _select()
    if state:
        chosen = chosen.where(Proposal.state == state)
    for word in query.split():
        text = sa.func.unaccent(sa.func.concat_ws(" ", Listing.brand, Listing.title))
        chosen = chosen.where(text.ilike(sa.func.unaccent(containing(word))))
    ordering: list[Any] = [Proposal.id.desc()]
    if state == "proposed":
        ordering.insert(0, (Proposal.expected_profit * Proposal.quantity * Proposal.confidence).desc())
    else:
        ordering.insert(0, sa.func.coalesce(Proposal.decided_at, Proposal.created_at).desc())
    return paged(work, chosen, ordering, _row, page, size)


def proposal(work: Session, proposal_id: int) -> ProposalPage | None:
    """One proposal with its evidence, or None."""
    found = work.execute(_select().where(Proposal.id == proposal_id)).one_or_none()
    if found is None:
        return None
    row = _row(found)
    same = _select().where(Proposal.listing_id == row.listing_id, Proposal.id < proposal_id)
    earlier = [_row(other) for other in work.execute(same.order_by(Proposal.id.desc()).limit(5))]
    if not marts.built(work):
        return ProposalPage(row, None, None, None, None, [], earlier)
    offers = marts.current_offers.c
    now = work.execute(
        sa.select(offers.price_dzd, offers.availability, offers.rating, offers.rating_count).where(
            offers.listing_id == row.listing_id
        )
    ).one_or_none()
    price, availability, rating, rating_count = now or (None, None, None, None)
    return ProposalPage(row, price, availability, rating, rating_count, history(work, row.listing_id), earlier)


def history(work: Session, listing_id: int) -> list[PricePoint]:
    """A listing's prices day by day, oldest first."""
    days = marts.price_history_daily.c
    found = work.execute(
        sa.select(
            days.day, days.close_price, days.close_price_dzd, days.low_30d_price, days.currency, days.availability
        )
        .where(days.listing_id == listing_id)
        .order_by(days.day)
    )
    return [PricePoint(*row) for row in found]
