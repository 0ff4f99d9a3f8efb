"""A product of ours on the shelf, bought at a market listing, with its books."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from database import market, shop
from reseller import inventory, publishing
from tests.factories import NOON


def stand(
    work: Session,
    of: market.Listing,
    *,
    cost: int = 5000,
    price: int = 7000,
    units: int = 3,
    since: datetime = NOON - timedelta(days=5),
    **values: Any,
) -> shop.Listing:
    """Receives and publishes a product; commits."""
    product = shop.Product(
        sku=f"HN-{of.id:06}", listing_id=of.id, title=values.pop("title", of.title), created_at=since
    )
    work.add(product)
    work.flush()
    receive(work, product.id, units=units, cost=cost, at=since)
    listing = publishing.publish(
        work,
        product.id,
        title=product.title,
        price=Decimal(price),
        unit_cost=Decimal(cost),
        margin_floor=Decimal(0),
        who="agent",
        reason="cost and margin",
        now=since,
    )
    work.commit()
    return listing


def receive(work: Session, product_id: int, *, units: int, cost: int, at: datetime) -> None:
    """Books a receipt; does not commit."""
    inventory.move(
        work,
        product_id,
        "receipt",
        units,
        key=f"receipt:{uuid.uuid4()}",
        who="agent",
        reason="purchase",
        now=at,
        unit_cost=Decimal(cost),
    )


def sell(work: Session, product_id: int, units: int, *, at: datetime) -> None:
    """Books a sale over the counter; does not commit."""
    key = f"sale:{uuid.uuid4()}"
    inventory.move(work, product_id, "sale", -units, key=key, who="staff", reason="sold by hand", now=at)
