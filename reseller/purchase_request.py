"""What a supplier is asked for: the order as it was decided on."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.agent import Proposal, PurchaseOrder
from database.market import Listing
from reseller.suppliers import Request


def request_of(order: PurchaseOrder) -> Request:
    """The request of an order: its key, and the most that may be paid for what was decided on."""
    with database.session() as work:
        listing = work.get_one(Listing, order.listing_id)
        proposal = work.get_one(Proposal, order.proposal_id)
        imports = order.unit_price - proposal.unit_price - expected_delivery(proposal)
        return Request(
            key=order.idempotency_key,
            sku=listing.external_id,
            quantity=order.quantity,
            max_unit_price=proposal.unit_price,
            max_total=order.total - max(imports, Decimal(0)) * order.quantity,
            url=listing.url,
            title=proposal.title or listing.title,
            asked_at=order.sent_at or order.changed_at,
            agreed_total=order.agreed_total,
            claimed=claimed(work, order),
        )


def expected_delivery(proposal: Proposal) -> Decimal:
    """DZD per unit to us, as the proposal reckoned."""
    steps = proposal.arithmetic.get("steps", [])
    amounts = [Decimal(step["amount"]) for step in steps if step.get("key") == "delivery_in"]  # type: ignore[attr-defined]
    return -sum(amounts, Decimal(0))


def claimed(work: Session, order: PurchaseOrder) -> frozenset[str]:
    """The supplier's numbers of other purchases there."""
    others = sa.select(PurchaseOrder.supplier_reference).where(
        PurchaseOrder.supplier == order.supplier,
        PurchaseOrder.id != order.id,
        PurchaseOrder.supplier_reference.is_not(None),
    )
    return frozenset(reference for reference in work.scalars(others) if reference)
