"""Selling on Jumia through its Vendor Center. Units shown there are kept out of everybody else's pool.

A stock number that is sent replaces what is left there, and may cross with a sale of the same second. So each change
goes through nought: nought is sent and heard, the orders are read, and then the new number is reserved and sent.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from typing_extensions import override

import database
from config import settings
from database.channels import ChannelAction, ChannelListing
from database.shop import Product
from reseller.channels import (
    Channel,
    ChannelRefused,
    ChannelUnavailable,
    incoming,
    outbox,
    pool,
    rows,
    turns,
    vendor_items,
    vendor_orders,
)
from reseller.channels.offers import Offer, offer_of
from reseller.channels.vendor_client import CHANNEL, MOST_ITEMS, Client

log = logging.getLogger(__name__)
FEEDS = {"publish": "create", "price": "price", "stock": "stock", "withdraw": "status"}
UNHEARD = "it is not known whether it was heard"


class VendorCenter(Channel):
    """The channel `jumia_vendor`."""

    name = CHANNEL
    sells_by_itself = True

    def __init__(self, client: Client | None = None, patience: float | None = None) -> None:
        """A channel that waits for another process that is at it for `patience` seconds at most; None: for any time."""
        self._patience = patience
        self._client = client or Client(patience=math.inf if patience is None else patience)

    @override
    def publish(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        found = rows.row(work, self.name, offer.product_id, now)
        if found.external_id is None:
            told = rows.digest(offer.title, offer.description, offer.pictures, settings().vendor_center_category)
            if found.sent_hash != told:
                rows.change(found, now, state="waiting", sent_hash=told)
                outbox.tell(work, self.name, offer.product_id, "publish", {"sku": offer.sku}, now)
            return found
        if found.state == "withdrawn":
            active = vendor_items.status(offer.sku, found.external_id, active=True)
            outbox.tell(work, self.name, offer.product_id, "withdraw", active, now)
        return self.update(work, offer, now)

    @override
    def update(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        found = rows.row(work, self.name, offer.product_id, now)
        if found.external_id is not None and found.price != offer.price:
            told = vendor_items.price(offer, found.external_id)
            outbox.tell(work, self.name, offer.product_id, "price", told, now)
        return found

    @override
    def withdraw(self, work: Session, product_id: int, now: datetime) -> ChannelListing | None:
        found = rows.existing(work, self.name, product_id)
        if found is None or found.external_id is None or found.state == "withdrawn":
            return found
        sku = work.get_one(Product, product_id).sku
        told = vendor_items.status(sku, found.external_id, active=False)
        outbox.tell(work, self.name, product_id, "withdraw", told, now)
        return found

    @override
    def states(self, work: Session) -> Sequence[ChannelListing]:
        return rows.of_channel(work, self.name)

    @override
    def deliver(self, now: datetime) -> None:
        with self._turn():
            self._resume(now)
            vendor_orders.read(self._client, now)
            self._lower_stock(now)
            self._create(now)
            self._find_ids(now)
            self._send("price", now)
            self._send("withdraw", now)
            self._raise_stock(now)

    def _lower_stock(self, now: datetime) -> None:
        """Shows nothing of each product of which another number should be shown.

        Killed anywhere, what may still be sold there stays reserved.
        """
        for product_id, found, _ in self._differing():
            if found.shown or _in_doubt(found):
                self._tell_stock(product_id, found, 0, now)
        self._send("stock", now)
        self._release(now)

    def _raise_stock(self, now: datetime) -> None:
        for product_id, found, units in self._differing():
            if found.shown == 0 and units > 0 and not _in_doubt(found):
                self._tell_stock(product_id, found, units, now)
        self._send("stock", now)

    def give_back(self, product_id: int, now: datetime) -> int:
        """Takes all units of a product from the Vendor Center, so that they may be promised here; returns how many.

        The next sync shows there again what is left.

        Raises:
            ChannelUnavailable: the Vendor Center may still sell them.
        """
        with self._turn():
            self._resume(now)
            with database.session() as work:
                found = rows.existing(work, self.name, product_id)
                shown = found.shown if found else 0
            if not found or not shown:
                return 0
            self._tell_stock(product_id, found, 0, now)
            self._send("stock", now)
            self._release(now)
            with database.session() as work:
                left = rows.existing(work, self.name, product_id)
                return shown - (left.shown if left else 0)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            with turns.alone(self.name, self._patience):
                yield
        except turns.Waited as error:
            raise ChannelUnavailable(str(error)) from error

    def _differing(self) -> list[tuple[int, ChannelListing, int]]:
        """Products of which the Vendor Center shows another number than it should: how they stand, the number."""
        with database.session() as work:
            found = [each for each in rows.of_channel(work, self.name) if each.external_id is not None]
            wanted = [(each.product_id, each, self._wanted(work, each)) for each in found]
            return [(product, each, units) for product, each, units in wanted if each.shown != units or _in_doubt(each)]

    def _wanted(self, work: Session, found: ChannelListing) -> int:
        offer = offer_of(work, found.product_id)
        return pool.allotment(work, found.product_id, self.name) if offer and offer.published else 0

    def _tell_stock(self, product_id: int, found: ChannelListing, units: int, now: datetime) -> None:
        """Writes the number down; units that it shows are reserved in the same transaction."""
        with database.session() as work:
            held = rows.row(work, self.name, product_id, now)
            if units:
                units = self._wanted(work, held)
                if held.shown or not units:
                    return
                rows.change(held, now, shown=units)
            sku = work.get_one(Product, product_id).sku
            told = vendor_items.stock(sku, found.external_id or "", units)
            outbox.tell(work, self.name, product_id, "stock", told, now)
            work.commit()

    def _release(self, now: datetime) -> None:
        """Frees the units of products that are heard to be at nought, once the orders before that are in our books."""
        with database.session() as work:
            emptied = self._at_nought(work)
        if not emptied:
            return
        vendor_orders.read(self._client, now)
        for product_id in emptied:
            with database.session() as work:
                found = rows.row(work, self.name, product_id, now)
                held = incoming.untaken(work, self.name)[work.get_one(Product, product_id).sku]
                rows.change(found, now, shown=min(found.shown, held))
                work.commit()

    def _at_nought(self, work: Session) -> list[int]:
        """Products whose units are still reserved, and of which the last number that was heard is nought."""
        last = (
            sa.select(ChannelAction.product_id, ChannelAction.payload, ChannelAction.state)
            .where(ChannelAction.channel == self.name, ChannelAction.kind == "stock")
            .distinct(ChannelAction.product_id)
            .order_by(ChannelAction.product_id, ChannelAction.id.desc())
            .subquery()
        )
        query = (
            sa.select(last.c.product_id)
            .join(ChannelListing, ChannelListing.product_id == last.c.product_id)
            .where(ChannelListing.channel == self.name, ChannelListing.shown > 0)
            .where(last.c.state == "done", last.c.payload["stock"].as_integer() == 0)
        )
        return list(work.scalars(query.order_by(last.c.product_id)))

    def _resume(self, now: datetime) -> None:
        """Ends what was on its way when the process before this one ended."""
        with database.session() as work:
            for kind in FEEDS:
                for action in outbox.waiting(work, self.name, kind, "sending"):
                    self._doubt(work, action, now)
            work.commit()
            sent = {action.reference for kind in FEEDS for action in outbox.waiting(work, self.name, kind, "sent")}
        for reference in sorted(filter(None, sent)):
            self._end(str(reference), now)

    def _doubt(self, work: Session, action: ChannelAction, now: datetime) -> None:
        """What was perhaps heard: a number of units is not sent again, since some may be sold by now."""
        if action.kind == "stock" and action.payload.get("stock"):
            outbox.move(action, "failed", now, UNHEARD)
            found = rows.row(work, self.name, action.product_id or 0, now)
            rows.change(found, now, last_error=f"stock: {UNHEARD}")
        elif action.kind == "publish" and self._sid(str(action.payload["sku"])):
            outbox.move(action, "done", now)
        else:
            outbox.move(action, "pending", now)

    def _sid(self, sku: str) -> dict[str, Any] | None:
        found = self._client.pages(
            "/catalog/products", "products", sellerSku=sku, shopId=settings().vendor_center_shop_id
        )
        return next((each for each in found if each.get("sellerSku") == sku), None)

    def _create(self, now: datetime) -> None:
        catalogue = vendor_items.Catalogue(self._client)
        with database.session() as work:
            for action in outbox.waiting(work, self.name, "publish", "pending"):
                offer = offer_of(work, action.product_id or 0)
                found = rows.row(work, self.name, action.product_id or 0, now)
                try:
                    if offer is None:
                        raise ChannelRefused("it stands in our shop no more")
                    action.payload = {"sku": offer.sku, "item": vendor_items.creation(offer, catalogue)}
                except ChannelRefused as refusal:
                    outbox.move(action, "failed", now, str(refusal))
                    rows.change(found, now, state="failed", last_error=str(refusal))
            work.commit()
        self._send("publish", now)

    def _find_ids(self, now: datetime) -> None:
        """Products that stand there get their id once they are approved: before, they can be given no stock."""
        with database.session() as work:
            for found in rows.of_channel(work, self.name):
                if found.external_id is not None or found.state != "waiting":
                    continue
                if outbox.open_action(work, self.name, found.product_id, "publish"):
                    continue
                known = self._sid(work.get_one(Product, found.product_id).sku)
                if known and str(known.get("qc", {}).get("status", "approved")).lower() == "approved":
                    offer = offer_of(work, found.product_id)
                    rows.change(found, now, external_id=str(known["id"]), state="live", last_error=None)
                    rows.change(found, now, price=offer.price if offer else None)
            work.commit()

    def _send(self, kind: str, now: datetime) -> None:
        """Sends what waits of a kind, in feeds of 1,000, each polled to its end."""
        while claimed := self._claim(kind, now):
            items = [action.payload.get("item", action.payload) for action in claimed]
            more = {"shopId": settings().vendor_center_shop_id} if kind == "publish" else {}
            try:
                reference = self._client.send_feed(FEEDS[kind], items, **more)  # type: ignore[arg-type]
            except ChannelRefused as refusal:
                self._settle({action.id: str(refusal) for action in claimed}, now)
                continue
            with database.session() as work:
                for action in claimed:
                    mine = work.get_one(ChannelAction, action.id)
                    mine.reference = reference
                    outbox.move(mine, "sent", now)
                work.commit()
            self._end(reference, now)

    def _claim(self, kind: str, now: datetime) -> list[ChannelAction]:
        with database.session() as work:
            claimed = list(outbox.waiting(work, self.name, kind, "pending")[:MOST_ITEMS])
            for action in claimed:
                outbox.move(action, "sending", now)
            work.commit()
            return claimed

    def _end(self, reference: str, now: datetime) -> None:
        """Polls a feed to its end and settles each of its items."""
        ended = self._client.poll(reference)
        errors = {
            str(item.get("sellerSku") or item.get("sellerSKU")): str(item.get("errorMessage") or "refused")
            for item in ended.get("feedItems", [])
            if str(item.get("status", "")).upper() == "FAILED"
        }
        whole = "the feed failed" if ended.get("status") == "FAILED" and not errors else None
        with database.session() as work:
            query = sa.select(ChannelAction).where(
                ChannelAction.channel == self.name, ChannelAction.reference == reference
            )
            actions = work.scalars(query.where(ChannelAction.state == "sent")).all()
            skus = dict(work.execute(sa.select(Product.id, Product.sku)).tuples().all()) if actions else {}
            trouble = {action.id: whole or errors.get(skus[action.product_id or 0]) for action in actions}
        self._settle(trouble, now)

    def _settle(self, trouble: Mapping[int, str | None], now: datetime) -> None:
        with database.session() as work:
            for action_id, error in trouble.items():
                action = work.get_one(ChannelAction, action_id)
                found = rows.row(work, self.name, action.product_id or 0, now)
                outbox.move(action, "failed" if error else "done", now, error)
                if error:
                    rows.change(found, now, last_error=f"{action.kind}: {error}")
                    if action.kind == "publish":
                        rows.change(found, now, state="failed")
                    elif action.kind == "price":
                        rows.change(found, now, price=None)
                    continue
                self._learn(found, action, now)
            work.commit()

    def _learn(self, found: ChannelListing, action: ChannelAction, now: datetime) -> None:
        told: Any = action.payload
        if action.kind == "price":
            rows.change(found, now, price=Decimal(str(told["price"]["value"])), last_error=None)
        elif action.kind == "withdraw":
            rows.change(found, now, state="live" if told["status"] == "active" else "withdrawn", last_error=None)
        else:
            rows.change(found, now, last_error=None)


def _in_doubt(found: ChannelListing) -> bool:
    """Whether the last number of units was not heard, or nobody knows."""
    return (found.last_error or "").startswith("stock:")
