"""Every channel follows our books: what is for sale is published there, what is not is withdrawn."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

import database
from reseller.channels import Channel, ChannelRefused, ChannelUnavailable, TokenLost, configured, pool
from reseller.channels.jumia_vendor import VendorCenter
from reseller.channels.offers import offers

PATIENCE = 20.0
"""Seconds that a shopper is kept waiting for another channel to give units back."""

log = logging.getLogger(__name__)


def run(now: datetime, channels: list[Channel] | None = None) -> dict[str, str]:
    """Brings each channel up to date; what went wrong, by channel. One channel's trouble keeps no other waiting.

    Commits product by product; killed anywhere, the next run goes on from there. Channels that sell by themselves come
    first: what is promised already must not be sold there.
    """
    troubles: dict[str, str] = {}
    for channel in sorted(channels or configured(), key=lambda each: not each.sells_by_itself):
        try:
            if channel.sells_by_itself:
                channel.deliver(now)
            _follow(channel, now)
            channel.deliver(now)
        except (ChannelUnavailable, ChannelRefused, TokenLost) as error:
            log.warning("%s: %s", channel.name, error)
            troubles[channel.name] = str(error)
    return troubles


def _follow(channel: Channel, now: datetime) -> None:
    with database.session() as reading:
        everything = list(offers(reading))
    for offer in everything:
        with database.session() as work:
            if not offer.published or (not offer.available and not channel.sells_by_itself):
                channel.withdraw(work, offer.product_id, now)
            else:
                channel.publish(work, offer, now)
            work.commit()


def make_free(basket: Mapping[int, int], now: datetime, seller: VendorCenter | None = None) -> None:
    """Before a promise of ours: brings channels that show what it needs to nought. Commits; sends only where need be.

    Args:
        basket: units by product.

    Raises:
        ChannelUnavailable: the units may still be sold there, and cannot be promised here.
    """
    for product_id in _shown_elsewhere(basket):
        try:
            (seller or VendorCenter(patience=PATIENCE)).give_back(product_id, now)
        except (ChannelRefused, TokenLost) as error:
            raise ChannelUnavailable(str(error)) from error
    if kept := _shown_elsewhere(basket):
        raise ChannelUnavailable(f"products {kept} may still be sold there")


def _shown_elsewhere(basket: Mapping[int, int]) -> list[int]:
    with database.session() as work:
        return [
            product_id
            for product_id, units in sorted(basket.items())
            if pool.free(work, product_id) < units <= pool.available(work, product_id)
        ]
