"""Goods arrive: the product, its stock, its price and its place in the storefront, in one transaction."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from database.agent import Proposal, PurchaseOrder
from database.market import Listing
from database.shop import Product
from reseller import control, inventory, journal, publishing


def take_in(work: Session, order: PurchaseOrder, *, unit_cost: Decimal, who: str, now: datetime) -> Product:
    """Books an order's units into stock, pays them and offers them at the price of its proposal. Does not commit.

    The movement's key is `receipt:ORDER`: taken in twice, the units count once.

    Args:
        unit_cost: landed cost as it turned out, DZD.
    """
    proposal = work.get_one(Proposal, order.proposal_id)
    product = _product(work, order.listing_id, proposal.title, now)
    inventory.move(
        work,
        product.id,
        "receipt",
        order.quantity,
        key=f"receipt:{order.id}",
        who=who,
        reason=f"purchase {order.id}",
        now=now,
        unit_cost=unit_cost,
        purchase_order_id=order.id,
    )
    journal.purchase_paid(work, order, order.quantity * unit_cost, who=who, now=now)
    publishing.publish(
        work,
        product.id,
        title=product.title,
        price=proposal.sale_price,
        unit_cost=unit_cost,
        margin_floor=control.get(work).margin_floor,
        who=who,
        reason=f"cost and margin of purchase {order.id}",
        now=now,
    )
    return product


def _product(work: Session, listing_id: int, title: str | None, now: datetime) -> Product:
    """The product made from a market listing; made on its first receipt, with the SKU HN-000123.

    Args:
        title: of what was bought, which the page may show no more; None: what it shows.
    """
    source = work.get_one(Listing, listing_id)
    made = work.scalar(
        insert(Product)
        .values(
            sku=f"new-{uuid.uuid4()}",
            listing_id=listing_id,
            title=title or source.title,
            brand=source.brand,
            category_path=source.category_path,
            attributes=source.attributes,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Product.listing_id])
        .returning(Product.id)
    )
    if made is not None:
        work.execute(sa.update(Product).where(Product.id == made).values(sku=f"HN-{made:06}"))
    return work.scalars(
        sa.select(Product).where(Product.listing_id == listing_id).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()
