"""Orders that were placed in the Vendor Center: each is written down, then taken into our books."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

import database
from config import settings
from database.channels import ChannelToken
from reseller import places
from reseller.channels import incoming
from reseller.channels.vendor_client import CHANNEL, Client

OVERLAP = timedelta(days=1)
"""How far back orders are read again: an order may appear after one that is younger."""
FIRST_ORDERS = timedelta(days=30)


def read(client: Client, now: datetime) -> None:
    """Writes each new order down, then takes it into our books; each in a transaction of its own."""
    with database.session() as work:
        since = work.scalar(sa.select(ChannelToken.orders_until).where(ChannelToken.channel == CHANNEL))
    started = now
    after = (since - OVERLAP if since else now - FIRST_ORDERS).astimezone(UTC)
    shop = settings().vendor_center_shop_id
    asked = {"createdAfter": after.isoformat(timespec="seconds"), "shopId": shop, "size": 100}
    all_in = True
    for order in client.pages("/orders", "orders", **asked):
        all_in = _order(order, client, now) and all_in
    if all_in:
        with database.session() as work:
            token = sa.update(ChannelToken).where(ChannelToken.channel == CHANNEL)
            work.execute(token.values(orders_until=started))
            work.commit()


def _order(order: dict[str, Any], client: Client, now: datetime) -> bool:
    """One order of the list; returns whether it is settled in our books."""
    number = str(order["id"])
    cancelled = str(order.get("status", "")).upper().startswith("CANCEL")
    with database.session() as work:
        if incoming.row(work, CHANNEL, number) is None:
            items = list(client.pages("/orders/items", "items", orderId=number))
            placed_at = datetime.fromisoformat(order["createdAt"])
            incoming.note(work, CHANNEL, number, items, placed_at)
            work.commit()
        found = incoming.row(work, CHANNEL, number)
        assert found is not None
        if found.state == "read" and cancelled:
            found.state, found.changed_at = "cancelled", now
        elif found.state == "read":
            contact, wilaya = _contact(order)
            incoming.take(work, found, contact, wilaya, now)
        elif found.state == "taken" and cancelled:
            incoming.cancel(work, found, now)
        settled = found.state != "read"
        work.commit()
        return settled


def _contact(order: dict[str, Any]) -> tuple[dict[str, str], int]:
    told = order.get("shippingAddress") or {}
    contact = {
        "name": " ".join(filter(None, (told.get("firstName"), told.get("lastName")))),
        "phone": str(told.get("phone") or ""),
        "commune": str(told.get("city") or ""),
        "address": str(told.get("address") or ""),
    }
    return contact, places.wilaya(str(told.get("regionCode") or "")) or incoming.ALGIERS
