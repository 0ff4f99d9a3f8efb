"""Channels that read our books themselves, or are kept by a person: nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session
from typing_extensions import override

from database.channels import ChannelListing
from database.shop import Product
from reseller.channels import Channel, feed_rules, feeds, rows
from reseller.channels.offers import Offer
from reseller.channels.ouedkniss import advertisement
from reseller.refusals import Refused


class _Local(Channel):
    sells_by_itself = False

    @override
    def update(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        return self.publish(work, offer, now)

    @override
    def withdraw(self, work: Session, product_id: int, now: datetime) -> ChannelListing | None:
        found = rows.existing(work, self.name, product_id)
        return found and rows.change(found, now, state="withdrawn", last_error=None, sent_hash=None)

    @override
    def states(self, work: Session) -> Sequence[ChannelListing]:
        return rows.of_channel(work, self.name)

    @override
    def deliver(self, now: datetime) -> None:
        """Nothing is to be told."""


class Storefront(_Local):
    """Our own shop: its pages read the listing itself."""

    name = "storefront"

    @override
    def publish(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        found = rows.row(work, self.name, offer.product_id, now)
        told = rows.digest(offer.title, offer.price, offer.description)
        values = {"external_id": offer.sku, "price": offer.price, "sent_hash": told, "last_error": None}
        return rows.change(found, now, state="live", **values)


class Feed(_Local):
    """A product feed: the other side fetches the file. A product that breaks its rules is not in it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @override
    def publish(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        found = rows.row(work, self.name, offer.product_id, now)
        row = feeds.ROWS[self.name](offer, "fr")
        broken = [problem.rule for problem in feed_rules.problems(self.name, row) if not problem.rule.warns]
        return rows.change(
            found,
            now,
            state="failed" if broken else "live",
            last_error="; ".join(rule.says for rule in broken) or None,
            external_id=offer.sku,
            price=offer.price,
            sent_hash=rows.digest(row),
        )


class Ouedkniss(_Local):
    """An ad that a person posts, changes and takes down; we prepare it, and note what was done."""

    name = "ouedkniss"

    @override
    def publish(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        found = rows.row(work, self.name, offer.product_id, now)
        told = rows.digest(advertisement(offer))
        if found.state == "live" and found.sent_hash == told:
            return found
        todo = "post the ad" if found.external_id is None else "change the ad: its text or price is not ours any more"
        return rows.change(found, now, state="waiting", last_error=todo)

    @override
    def withdraw(self, work: Session, product_id: int, now: datetime) -> ChannelListing | None:
        found = rows.existing(work, self.name, product_id)
        if found is None or found.external_id is None:
            return found and rows.change(found, now, state="withdrawn", last_error=None)
        return rows.change(found, now, state="waiting", last_error="take the ad down: there is nothing left to sell")


def mark_posted(work: Session, offer: Offer, address: str, now: datetime) -> ChannelListing:
    """A person has posted or changed the ad on Ouedkniss at `address`. Does not commit.

    Raises:
        Refused: `bad_value`, the address is none of Ouedkniss; `wrong_state`, there is nothing to sell.
    """
    if not address.startswith(("https://www.ouedkniss.com/", "https://ouedkniss.com/")):
        raise Refused("bad_value", "An ad on Ouedkniss begins with https://www.ouedkniss.com/.", field="address")
    if not offer.published or not offer.available:
        raise Refused("wrong_state", f"{offer.sku} is not for sale: there is no unit of it.", sku=offer.sku)
    found = rows.row(work, Ouedkniss.name, offer.product_id, now)
    told = rows.digest(advertisement(offer))
    return rows.change(
        found, now, state="live", external_id=address, price=offer.price, sent_hash=told, last_error=None
    )


def mark_withdrawn(work: Session, product_id: int, now: datetime) -> ChannelListing:
    """A person has taken the ad down. Does not commit.

    Raises:
        Refused: `not_found`, there is no ad of this product.
    """
    found = rows.existing(work, Ouedkniss.name, product_id)
    if found is None:
        raise Refused("not_found", f"There is no ad of product {product_id}.", product=product_id)
    return rows.change(found, now, state="withdrawn", external_id=None, sent_hash=None, last_error=None)


def product_of(work: Session, sku: str) -> int:
    """Id of the product with a SKU of ours.

    Raises:
        Refused: `not_found`.
    """
    found = work.scalar(sa.select(Product.id).where(Product.sku == sku))
    if found is None:
        raise Refused("not_found", f"There is no product {sku}.", sku=sku)
    return found


CHANNELS: dict[str, Channel] = {
    "storefront": Storefront(),
    "facebook": Feed("facebook"),
    "google": Feed("google"),
    "ouedkniss": Ouedkniss(),
}
