"""Where our products stand besides our own pages. Each channel keeps one interface; `named` finds one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy.orm import Session

from database.channels import ChannelListing
from reseller.channels.offers import Offer


class ChannelUnavailable(Exception):
    """No answer that can be relied on: what was sent may or may not have been heard."""


class ChannelRefused(Exception):
    """The channel will not have what was sent; the text says why."""


class TokenLost(Exception):
    """The channel's credentials are spent and their successor was not stored: a person has to make new ones."""


class Channel(Protocol):
    """A place where our products are shown. Writers do not commit, except `deliver`.

    publish, update and withdraw write down what is to be told; `deliver` tells it. Killed anywhere and started again,
    a channel neither forgets a thing nor hears it twice.
    """

    name: str
    sells_by_itself: bool
    """Whether units are promised there without asking us first."""

    def publish(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        """Has a product shown."""

    def update(self, work: Session, offer: Offer, now: datetime) -> ChannelListing:
        """Has its price and its stock follow ours; nothing where both are the same as before."""

    def withdraw(self, work: Session, product_id: int, now: datetime) -> ChannelListing | None:
        """Has it shown no more. None: it never was."""

    def states(self, work: Session) -> Sequence[ChannelListing]:
        """How each product stands there."""

    def deliver(self, now: datetime) -> None:
        """Tells what is written down; commits for itself.

        Raises:
            ChannelUnavailable, TokenLost: the rest waits for the next time.
        """


def named(name: str) -> Channel:
    """The channel of that name, as the settings reach it.

    Raises:
        LookupError: there is none, or it is not set up.
    """
    from reseller.channels import local
    from reseller.channels.jumia_vendor import VendorCenter

    if name == VendorCenter.name:
        return VendorCenter()
    if name in local.CHANNELS:
        return local.CHANNELS[name]
    raise LookupError(f"no channel is called {name!r}")


def commission(name: str) -> Decimal | None:
    """The fraction of a price that a channel keeps of what it sells; None: nobody has told us."""
    from config import settings

    return settings().vendor_center_commission if name == "jumia_vendor" else None


def configured() -> list[Channel]:
    """The channels in use: the Vendor Center only where we have an application there."""
    from config import settings
    from database.channels import CHANNELS

    return [named(name) for name in CHANNELS if name != "jumia_vendor" or settings().vendor_center_client_id]
