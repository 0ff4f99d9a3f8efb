"""What lies on the shelf: units promised and shown elsewhere, and the lots that make up the stock. Money in DZD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.channels import ChannelListing
from reseller import lots
from reseller.channels.pool import available_units
from reseller.lots import Lot


@dataclass(frozen=True, slots=True)
class Position:
    """One product's units and lots.

    Attributes:
        available: on hand, less those promised to orders that have not left.
        shown: units that channels which sell by themselves may be selling, by channel.
        stock: its lots, the next to leave first.
    """

    on_hand: int = 0
    available: int = 0
    shown: Mapping[str, int] = field(default_factory=dict)
    stock: Sequence[Lot] = ()

    @property
    def promised(self) -> int:
        """Units of orders that have not left."""
        return self.on_hand - self.available

    @property
    def free(self) -> int:
        """Units that our shop may promise at once."""
        return max(0, self.available - sum(self.shown.values()))

    @property
    def value(self) -> Decimal:
        """What the lots cost."""
        return sum((lot.value for lot in self.stock), Decimal(0))

    @property
    def oldest(self) -> datetime | None:
        """When the oldest units came."""
        return min((lot.received_at for lot in self.stock), default=None)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """How a product stands on one channel."""

    channel: str
    state: str
    shown: int
    price: Decimal | None
    last_error: str | None
    changed_at: datetime


def positions(work: Session, product_ids: Collection[int]) -> dict[int, Position]:
    """Units and lots of these products, by id."""
    units = work.execute(
        sa.select(available_units.c.product_id, available_units.c.on_hand, available_units.c.available).where(
            available_units.c.product_id.in_(product_ids)
        )
    )
    counted = {row.product_id: (int(row.on_hand), int(row.available)) for row in units}
    shown: dict[int, dict[str, int]] = defaultdict(dict)
    query = sa.select(ChannelListing).where(ChannelListing.product_id.in_(product_ids), ChannelListing.shown > 0)
    for row in work.scalars(query):
        shown[row.product_id][row.channel] = row.shown
    stock = lots.of_products(work, list(product_ids)) if product_ids else {}
    return {
        product: Position(*counted.get(product, (0, 0)), shown[product], tuple(stock[product].stock))
        for product in product_ids
    }


def channels(work: Session, product_id: int) -> list[ChannelRow]:
    """How a product stands on each channel that knows it."""
    query = sa.select(ChannelListing).where(ChannelListing.product_id == product_id).order_by(ChannelListing.channel)
    return [
        ChannelRow(row.channel, row.state, row.shown, row.price, row.last_error, row.changed_at)
        for row in work.scalars(query)
    ]
