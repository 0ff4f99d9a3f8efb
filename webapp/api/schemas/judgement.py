"""What was looked at and what our prices did."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from reseller.overview.candidates import CandidateRow
from reseller.overview.prices import ChangeRow
from webapp.api.schemas.base import Money, Paging, Schema, dinars, money


class CandidateQuery(Paging):
    """Which offers of which round."""

    at: datetime | None = Field(None, description="the round; the last one where it is left out")
    verdict: str | None = Field(None, max_length=40, description="`taken`, or why not")


class CandidatePath(Schema):
    """One offer of one round."""

    candidate_id: int = Field(ge=1, le=2**62)


class Candidate(Schema):
    """An offer that was looked at, taken or not. Money per unit unless named otherwise."""

    id: int
    cycle_at: datetime
    product_id: int
    proposal_id: int | None
    title: str
    url: str
    verdict: str
    quantity: int = Field(description="units taken")
    price: Money
    landed_cost: Money
    reference_price: Money | None = Field(description="what others ask")
    sale_price: Money
    unit_profit: Money
    margin: Decimal
    rate: Decimal | None = Field(description="units a day we would sell, the mean")
    rate_low: Decimal | None = Field(description="10 % quantile")
    rate_high: Decimal | None = Field(description="90 % quantile")
    days_to_sell: Decimal | None
    expected_profit: Money | None = Field(description="of the units taken, or of the first one")
    downside: Money | None = Field(description="the same if demand disappoints")
    score: Decimal
    confidence: Decimal
    reasons: dict[str, Any] = Field(description="why it is taken or not, by language")

    @classmethod
    def of(cls, row: CandidateRow) -> Candidate:
        return cls(
            product_id=row.listing_id,
            price=dinars(row.price),
            landed_cost=dinars(row.landed_cost),
            reference_price=money(row.reference_price),
            sale_price=dinars(row.sale_price),
            unit_profit=dinars(row.unit_profit),
            expected_profit=money(row.expected_profit),
            downside=money(row.downside),
            **{name: getattr(row, name) for name in _PLAIN_CANDIDATE},
        )


_PLAIN_CANDIDATE = [
    "id",
    "cycle_at",
    "proposal_id",
    "title",
    "url",
    "verdict",
    "quantity",
    "margin",
    "rate",
    "rate_low",
    "rate_high",
    "days_to_sell",
    "score",
    "confidence",
    "reasons",
]


class PriceChangeQuery(Paging):
    """Which changes of our prices."""

    rule: str | None = Field(None, max_length=40, description="only those that this rule made")


class PriceChangePath(Schema):
    """One change of one of our prices."""

    change_id: int = Field(ge=1, le=2**62)


class PriceChange(Schema):
    """A change of one of our prices, and why."""

    id: int
    listing_id: int = Field(description="id of our listing")
    title: str
    old_price: Money | None
    new_price: Money
    floor: Money = Field(description="least price that was allowed")
    ceiling: Money | None = Field(description="most that shoppers would pay")
    rule: str | None
    reasons: dict[str, Any] = Field(description="why, by language; empty: only `reason`")
    reason: str
    who: str
    at: datetime
    undoes_id: int | None = Field(description="the change that this one took back")
    undone_by: int | None = Field(description="the change that took this one back")
    can_be_undone: bool

    @classmethod
    def of(cls, row: ChangeRow) -> PriceChange:
        return cls(
            old_price=money(row.old_price),
            new_price=dinars(row.new_price),
            floor=dinars(row.floor),
            ceiling=money(row.ceiling),
            rule=row.reason_key,
            **{name: getattr(row, name) for name in _PLAIN_CHANGE},
        )


_PLAIN_CHANGE = [
    "id",
    "listing_id",
    "title",
    "reasons",
    "reason",
    "who",
    "at",
    "undoes_id",
    "undone_by",
    "can_be_undone",
]
