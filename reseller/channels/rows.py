"""The rows of a channel: how a product stands there, found or made under the product's lock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.channels import ChannelListing
from reseller.channels import pool


def row(work: Session, channel: str, product_id: int, now: datetime) -> ChannelListing:
    """The row of a product on a channel, made where there is none. Does not commit."""
    pool.lock(work, product_id)
    if (found := existing(work, channel, product_id)) is not None:
        return found
    made = ChannelListing(product_id=product_id, channel=channel, state="waiting", shown=0, changed_at=now)
    work.add(made)
    work.flush()
    return made


def existing(work: Session, channel: str, product_id: int) -> ChannelListing | None:
    """The row of a product on a channel, as it is now."""
    query = sa.select(ChannelListing).where(ChannelListing.product_id == product_id, ChannelListing.channel == channel)
    return work.scalar(query.execution_options(populate_existing=True))


def of_channel(work: Session, channel: str) -> Sequence[ChannelListing]:
    """All rows of a channel, the oldest product first."""
    query = sa.select(ChannelListing).where(ChannelListing.channel == channel).order_by(ChannelListing.product_id)
    return work.scalars(query.execution_options(populate_existing=True)).all()


def change(found: ChannelListing, now: datetime, **values: object) -> ChannelListing:
    """Sets what differs; `changed_at` moves only if something did."""
    differs = {name: value for name, value in values.items() if getattr(found, name) != value}
    for name, value in differs.items():
        setattr(found, name, value)
    if differs:
        found.changed_at = now
    return found


def digest(*said: object) -> str:
    """SHA-256 of what a channel is told."""
    return hashlib.sha256(orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()
