"""Where money is tied up already, so that no category and no seller holds too much of it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import BudgetEntry, Proposal, PurchaseOrder
from database.market import Listing

CATEGORY_SHARE = Decimal("0.40")
"""Most of the total budget in one category: a fashion that ends takes its neighbours with it."""

SELLER_SHARE = Decimal("0.40")
"""Most of the total budget bought from one seller: one who deceives, deceives in everything."""


def tied_up(work: Session) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """DZD reserved or proposed, by category and by seller. Does not commit."""
    reserved = (
        sa.select(PurchaseOrder.listing_id, sa.func.sum(BudgetEntry.amount).label("amount"))
        .join(BudgetEntry, BudgetEntry.purchase_order_id == PurchaseOrder.id)
        .group_by(PurchaseOrder.listing_id)
    )
    proposed = sa.select(Proposal.listing_id, Proposal.quantity * Proposal.landed_cost).where(
        Proposal.state == "proposed"
    )
    every = sa.union_all(reserved, proposed).subquery()
    narrowest = Listing.category_path[sa.func.array_length(Listing.category_path, 1)]
    rows = work.execute(
        sa.select(narrowest, Listing.seller_name, every.c.amount).join(every, every.c.listing_id == Listing.id)
    )
    in_category: defaultdict[str, Decimal] = defaultdict(Decimal)
    with_seller: defaultdict[str, Decimal] = defaultdict(Decimal)
    for category, seller, amount in rows:
        in_category[category] += amount
        with_seller[seller] += amount
    return dict(in_category), dict(with_seller)
