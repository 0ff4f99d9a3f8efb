"""Purchases: orders to suppliers, the trail of each, and the money it ties up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import BudgetEntry, PurchaseEvent, PurchaseOrder
from database.market import Listing
from database.shop import Product
from reseller.overview.paging import Page, paged
from reseller.purchase_trail import following
from reseller.suppliers import BY_HAND

OPEN_STATES = ("proposed", "approved", "ordering", "ordered")
WITH_A_PERSON = sa.or_(
    sa.and_(PurchaseOrder.supplier.in_(BY_HAND), PurchaseOrder.state.in_(("ordering", "ordered"))),
    sa.and_(PurchaseOrder.handed_over_at.is_not(None), PurchaseOrder.state == "ordering"),
)
"""Handed over to a person: to be ordered, to be looked for, or to be received."""


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """One order to a supplier. Money in DZD: `unit_price` is the landed cost reserved per unit."""

    id: int
    proposal_id: int
    listing_id: int
    title: str
    brand: str | None
    marketplace: str
    url: str
    supplier: str
    state: str
    quantity: int
    unit_price: Decimal
    total: Decimal
    supplier_reference: str | None
    idempotency_key: str
    created_at: datetime
    changed_at: datetime
    not_before: datetime | None
    handed_over_at: datetime | None
    agreed_total: Decimal | None
    product_id: int | None
    reserved: Decimal

    @property
    def next_states(self) -> tuple[str, ...]:
        """The states this purchase may go to, in the order of a purchase's life."""
        return following(self.state)

    @property
    def waits_for_a_person(self) -> bool:
        """Handed over to a person: to be ordered, to be looked for, or to be received."""
        handed_over = self.state == "ordering" and self.handed_over_at is not None
        return handed_over or (self.supplier in BY_HAND and self.state in ("ordering", "ordered"))


@dataclass(frozen=True, slots=True)
class EventRow:
    """One change of state: who, when, why."""

    from_state: str | None
    to_state: str
    at: datetime
    who: str
    why: str
    screenshot: str | None = None


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """Money reserved (positive) or released (negative), in DZD."""

    kind: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """An order with its trail, oldest first, and its ledger."""

    row: PurchaseRow
    events: Sequence[EventRow]
    entries: Sequence[BudgetRow]


_RESERVED = (
    sa.select(sa.func.coalesce(sa.func.sum(BudgetEntry.amount), 0))
    .where(BudgetEntry.purchase_order_id == PurchaseOrder.id)
    .scalar_subquery()
)
_FIELDS: dict[str, Any] = {
    "title": Listing.title,
    "brand": Listing.brand,
    "marketplace": Listing.marketplace,
    "url": Listing.url,
    "product_id": Product.id,
    "reserved": _RESERVED,
}
_COLUMNS = [
    (_FIELDS[name] if name in _FIELDS else getattr(PurchaseOrder, name)).label(name)
    for name in PurchaseRow.__dataclass_fields__
]
_FROM = (
    sa.select(*_COLUMNS)
    .join_from(PurchaseOrder, Listing, Listing.id == PurchaseOrder.listing_id)
    .outerjoin(Product, Product.listing_id == PurchaseOrder.listing_id)
)


def _row(found: Any) -> PurchaseRow:
    return PurchaseRow(*found)


def purchases(work: Session, state: str | None = None, *, page: int = 1, size: int = 50) -> Page[PurchaseRow]:
    """Purchases, last changed first.

    Args:
        state: one of `database.agent.PURCHASE_STATES`, `open` for all that are not ended, `waiting` for those handed
            over to a person; None for all.
    """
    chosen = _FROM
    if state == "open":
        chosen = chosen.where(PurchaseOrder.state.in_(OPEN_STATES))
    elif state == "waiting":
        chosen = chosen.where(WITH_A_PERSON)
    elif state:
        chosen = chosen.where(PurchaseOrder.state == state)
    return paged(work, chosen, [PurchaseOrder.changed_at.desc(), PurchaseOrder.id.desc()], _row, page, size)


def purchase(work: Session, order_id: int) -> PurchasePage | None:
    """One purchase with its trail, or None."""
    found = work.execute(_FROM.where(PurchaseOrder.id == order_id)).one_or_none()
    if found is None:
        return None
    events = work.execute(
        sa.select(
            PurchaseEvent.from_state,
            PurchaseEvent.to_state,
            PurchaseEvent.at,
            PurchaseEvent.who,
            PurchaseEvent.why,
            PurchaseEvent.screenshot,
        )
        .where(PurchaseEvent.purchase_order_id == order_id)
        .order_by(PurchaseEvent.id)
    )
    entries = work.execute(
        sa.select(BudgetEntry.kind, BudgetEntry.amount, BudgetEntry.at)
        .where(BudgetEntry.purchase_order_id == order_id)
        .order_by(BudgetEntry.id)
    )
    return PurchasePage(_row(found), [EventRow(*row) for row in events], [BudgetRow(*row) for row in entries])


def most_tied_up(work: Session) -> tuple[str, Decimal] | None:
    """The product that ties up most under the cap per product, and how much; None where nothing is tied up."""
    total = sa.func.sum(BudgetEntry.amount)
    query = (
        sa.select(Listing.title, total)
        .join_from(BudgetEntry, PurchaseOrder, PurchaseOrder.id == BudgetEntry.purchase_order_id)
        .join(Listing, Listing.id == PurchaseOrder.listing_id)
        .group_by(Listing.id)
        .having(total > 0)
        .order_by(total.desc())
        .limit(1)
    )
    found = work.execute(query).one_or_none()
    return None if found is None else (found[0], Decimal(found[1]))
