"""One pool of stock for all channels: what may still be sold, and what channels that sell by themselves show of it.

Units on hand = promised to orders + shown by channels that sell by themselves + free. The database keeps it so: a
trigger refuses an order of what another channel shows, and a channel that would show what is promised.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import settings
from database.channels import SELLS_BY_ITSELF, ChannelListing
from database.shop import Product

available_units = sa.table(
    "stock_available", sa.column("product_id"), sa.column("on_hand"), sa.column("available"), schema="shop"
)


def available(work: Session, product_id: int) -> int:
    """Units on hand that are promised to nobody; what a channel that sells through us may show."""
    query = sa.select(available_units.c.available).where(available_units.c.product_id == product_id)
    return max(0, int(work.scalar(query) or 0))


def shown_elsewhere(work: Session, product_id: int, channel: str) -> int:
    """Units that other channels may be selling at this moment."""
    query = sa.select(sa.func.coalesce(sa.func.sum(ChannelListing.shown), 0))
    return int(
        work.scalars(query.where(ChannelListing.product_id == product_id, ChannelListing.channel != channel)).one()
    )


def free(work: Session, product_id: int, channel: str = "storefront") -> int:
    """Units that `channel` may promise at once, without asking another channel to give them back."""
    return max(0, available(work, product_id) - shown_elsewhere(work, product_id, channel))


def allotment(work: Session, product_id: int, channel: str) -> int:
    """Units that `channel` may show: what is available; for one that sells by itself less the safety units and what
    other such channels show."""
    units = available(work, product_id)
    if channel not in SELLS_BY_ITSELF:
        return units
    return max(0, units - shown_elsewhere(work, product_id, channel) - settings().channel_safety_units)


def lock(work: Session, product_id: int) -> None:
    """Makes those who promise or show units of a product take turns until the transaction ends."""
    work.execute(sa.select(Product.id).where(Product.id == product_id).with_for_update())
