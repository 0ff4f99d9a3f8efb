"""Proposals, decisions, purchases."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from database.agent import PURCHASE_STATES
from reseller.overview import ProposalRow, PurchasePage, PurchaseRow
from webapp.api.schemas.base import Money, Paging, Schema, dinars


class ProposalQuery(Paging):
    """Which proposals."""

    state: Literal["proposed", "approved", "rejected", "expired"] | None = None


class ProposalPath(Schema):
    """One proposal."""

    proposal_id: int = Field(ge=1, le=2**62)


class Step(Schema):
    """One step of the arithmetic from sale price to profit, per unit."""

    key: str
    amount: Money


class Proposal(Schema):
    """A purchase that the agent proposes. Money per unit unless named a total."""

    id: int
    state: str
    mode: str = Field(description="the agent's mode when it proposed")
    product_id: int
    title: str
    url: str
    supplier: str
    quantity: int
    offer_price: Money
    landed_cost: Money
    landed_cost_total: Money = Field(description="what approving reserves")
    sale_price: Money
    expected_profit: Money
    margin: Decimal = Field(description="expected profit / sale price")
    score: Decimal
    confidence: Decimal
    arithmetic: list[Step]
    reasons: dict[str, Any] = Field(description="why, by language")
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    purchase_id: int | None

    @classmethod
    def of(cls, row: ProposalRow) -> Proposal:
        return cls(
            product_id=row.listing_id,
            offer_price=Money(amount=row.offer_price, currency=row.offer_currency),
            landed_cost=dinars(row.landed_cost),
            landed_cost_total=dinars(row.total),
            sale_price=dinars(row.sale_price),
            expected_profit=dinars(row.expected_profit),
            arithmetic=[Step(key=step.key, amount=dinars(step.amount)) for step in row.steps],
            **{name: getattr(row, name) for name in _PLAIN_PROPOSAL},
        )


_PLAIN_PROPOSAL = [
    "id",
    "state",
    "mode",
    "title",
    "url",
    "supplier",
    "quantity",
    "margin",
    "score",
    "confidence",
    "reasons",
    "created_at",
    "decided_at",
    "decided_by",
    "decision_reason",
    "purchase_id",
]


class Decision(Schema):
    """Why; kept with the proposal."""

    reason: str = Field("", max_length=500)


class PurchaseQuery(Paging):
    """Which purchases."""

    state: Literal[PURCHASE_STATES] | None = None  # type: ignore[valid-type]


class PurchasePath(Schema):
    """One purchase."""

    purchase_id: int = Field(ge=1, le=2**62)


class Purchase(Schema):
    """An order to a supplier."""

    id: int
    proposal_id: int
    product_id: int
    title: str
    supplier: str
    supplier_reference: str | None
    state: str
    next_states: list[str] = Field(description="the states that may follow")
    not_before: datetime | None = Field(description="the agent does not order by itself before")
    handed_over_at: datetime | None = Field(description="from here on a person settles it")
    quantity: int
    unit_price: Money = Field(description="landed cost per unit that was reserved")
    total: Money
    reserved: Money = Field(description="still tied up in the budget")
    idempotency_key: str
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: PurchaseRow) -> Purchase:
        return cls(**_purchase(row))


_PLAIN_PURCHASE = [
    "id",
    "proposal_id",
    "title",
    "supplier",
    "supplier_reference",
    "state",
    "next_states",
    "not_before",
    "handed_over_at",
    "quantity",
    "idempotency_key",
    "created_at",
    "changed_at",
]


def _purchase(row: PurchaseRow) -> dict[str, Any]:
    return {
        "product_id": row.listing_id,
        "unit_price": dinars(row.unit_price),
        "total": dinars(row.total),
        "reserved": dinars(row.reserved),
    } | {name: getattr(row, name) for name in _PLAIN_PURCHASE}


class PurchaseEvent(Schema):
    """One change of a purchase's state."""

    from_state: str | None
    to_state: str
    at: datetime
    who: str
    why: str
    screenshot: str | None = Field(description="file below DATA_DIR/screenshots")


class PurchaseDetail(Purchase):
    """A purchase with its trail, oldest first."""

    events: list[PurchaseEvent]

    @classmethod
    def of_page(cls, page: PurchasePage) -> PurchaseDetail:
        events = [
            PurchaseEvent(
                from_state=event.from_state,
                to_state=event.to_state,
                at=event.at,
                who=event.who,
                why=event.why,
                screenshot=event.screenshot,
            )
            for event in page.events
        ]
        return cls(events=events, **_purchase(page.row))


class Approval(Schema):
    """An approved proposal."""

    purchase: PurchaseDetail
    held_up: str | None = Field(description="why it is not with the supplier yet; it is tried again")
