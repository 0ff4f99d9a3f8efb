"""Orders that were placed on a channel: found there once, and taken into our books once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from database.channels import ChannelOrder
from database.shop import Product
from reseller import sales
from reseller.refusals import Refused

ALGIERS = 16
"""The wilaya of an order that names none we know."""


def cancel(work: Session, found: ChannelOrder, now: datetime) -> None:
    """The channel has cancelled the order: ours is cancelled too, or a person is told why not. Does not commit."""
    try:
        why = f"cancelled on {found.channel}"
        sales.cancel(work, found.order_id or 0, who=found.channel, why=why, now=now)
        found.state, found.error = "cancelled", None
    except Refused as refusal:
        found.error = f"cancelled there: {refusal.code}: {refusal.message}"
    found.changed_at = now


def note(work: Session, channel: str, external_id: str, items: list[dict[str, Any]], placed_at: datetime) -> None:
    """Writes down that an order exists, with its units and prices by SKU; a second time changes nothing."""
    skus = Counter(str(item["product"]["sellerSku"]) for item in items)
    prices = {
        str(item["product"]["sellerSku"]): str(item.get("paidPrice") or item.get("itemPrice") or 0) for item in items
    }
    lines = {sku: {"units": units, "unit_price": prices[sku]} for sku, units in skus.items()}
    work.execute(
        insert(ChannelOrder)
        .values(
            channel=channel,
            external_id=external_id,
            idempotency_key=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{channel}/orders/{external_id}")),
            state="read",
            lines=lines,
            placed_at=placed_at,
            changed_at=placed_at,
        )
        .on_conflict_do_nothing(index_elements=["channel", "external_id"])
    )


def row(work: Session, channel: str, external_id: str) -> ChannelOrder | None:
    """The order as we know it, locked until the transaction ends."""
    query = sa.select(ChannelOrder).where(ChannelOrder.channel == channel, ChannelOrder.external_id == external_id)
    return work.scalar(query.with_for_update().execution_options(populate_existing=True))


def take(work: Session, found: ChannelOrder, contact: dict[str, str], wilaya: int, now: datetime) -> None:
    """Makes it an order of ours, once, at the prices of the channel, which delivers and collects by itself.

    What is refused is kept with the reason, for a person. Does not commit.

    Args:
        contact: name, phone, commune, address, as far as the channel tells them: who is not named in full stays
            unnamed, since what was sold is sold. Personal data, kept in our order alone.
    """
    lines = list(_lines(work, found))
    try:
        if not lines or len(lines) != len(found.lines):
            raise Refused("not_found", f"Order {found.external_id} names products that are not ours.")
        placed = sales.place(
            work,
            {product_id: units for product_id, units, _ in lines},
            _told(contact),
            key=str(found.idempotency_key),
            channel=found.channel,
            wilaya=wilaya,
            prices={product_id: price for product_id, _, price in lines},
            delivery_fee=Decimal(0),
            now=now,
        )
        found.order_id, found.state, found.error = placed.id, "taken", None
    except Refused as refusal:
        found.state, found.error = "refused", f"{refusal.code}: {refusal.message}"
    found.changed_at = now
    work.flush()


def _lines(work: Session, found: ChannelOrder) -> Iterator[tuple[int, int, Decimal]]:
    query = sa.select(Product.id, Product.sku).where(Product.sku.in_(list(found.lines))).order_by(Product.id)
    for product_id, sku in work.execute(query):
        line: Any = found.lines[sku]
        yield product_id, int(line["units"]), _price(line["unit_price"])


def _told(contact: dict[str, str]) -> sales.Contact | None:
    try:
        return sales.complete(sales.Contact(**contact))
    except Refused:
        return None


def _price(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def untaken(work: Session, channel: str) -> Counter[str]:
    """Units by SKU in orders that are read and not in our books: they are sold, whatever the channel shows."""
    query = sa.select(ChannelOrder.lines).where(ChannelOrder.channel == channel, ChannelOrder.state == "read")
    held: Counter[str] = Counter()
    for lines in work.scalars(query):
        held.update({sku: int(line["units"]) for sku, line in lines.items()})  # type: ignore[index]
    return held
