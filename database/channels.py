"""Schema `shop`: where else our listings stand, what was sent there, and what was ordered there. Money in DZD."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from database import orders, shop  # noqa: F401 - foreign keys lead there
from database.base import Base, BigId, Instant, Json, Money, one_of

CHANNELS = ("storefront", "facebook", "google", "jumia_vendor", "ouedkniss")
SELLS_BY_ITSELF = ("jumia_vendor",)
"""Channels that promise units without asking us first: what they show is taken from everybody else's pool."""
CHANNEL_STATES = ("waiting", "live", "withdrawn", "failed")
ACTION_KINDS = ("publish", "price", "stock", "withdraw")
ACTION_STATES = ("pending", "sending", "sent", "done", "failed")
CHANNEL_ORDER_STATES = ("read", "taken", "refused", "cancelled")


class ChannelListing(Base):
    """One of our products on one channel: what it was last told, and what it may be selling."""

    __tablename__ = "channel_listing"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("state", CHANNEL_STATES),
        sa.CheckConstraint("shown >= 0", name="shown_not_negative"),
        sa.CheckConstraint("shown = 0 or channel = 'jumia_vendor'", name="shown_by_sellers"),
        sa.UniqueConstraint("product_id", "channel"),
        {"schema": "shop", "comment": "One row per product and channel on which it stands or stood. Money in DZD."},
    )

    id: Mapped[BigId]
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.product.id"))
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting", comment="waiting: the channel or a person has to act")
    external_id: Mapped[str | None] = mapped_column(comment="the channel's own id")
    price: Mapped[Money | None] = mapped_column(comment="last told to the channel")
    shown: Mapped[int] = mapped_column(
        server_default="0", comment="most units that the channel may sell or has sold without our knowing yet"
    )
    sent_hash: Mapped[str | None] = mapped_column(comment="SHA-256 of what was last told: the same is not sent again")
    last_error: Mapped[str | None]
    changed_at: Mapped[Instant]


class ChannelAction(Base):
    """Something a channel is to be told: written and committed before it is sent, so that a kill forgets nothing."""

    __tablename__ = "channel_action"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("kind", ACTION_KINDS),
        one_of("state", ACTION_STATES),
        sa.Index(
            "uq_channel_action_open",
            "channel",
            "product_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state in ('pending', 'sending', 'sent')"),
        ),
        {"schema": "shop", "comment": "One row per thing that a channel is told: the outbox."},
    )

    id: Mapped[BigId]
    channel: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.product.id"))
    kind: Mapped[str]
    payload: Mapped[Json] = mapped_column(comment="what is sent, as the channel takes it")
    idempotency_key: Mapped[str] = mapped_column(unique=True, comment="stock:CHANNEL:PRODUCT:UUID, ...")
    state: Mapped[str] = mapped_column(server_default="pending")
    reference: Mapped[str | None] = mapped_column(comment="the channel's own number of what was sent: a feed id")
    attempts: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class ChannelOrder(Base):
    """An order that was placed on a channel: found there, and taken into our books once. No personal data."""

    __tablename__ = "channel_order"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("state", CHANNEL_ORDER_STATES),
        sa.UniqueConstraint("channel", "external_id"),
        {"schema": "shop", "comment": "One row per order that was placed on a channel; without personal data."},
    )

    id: Mapped[BigId]
    channel: Mapped[str]
    external_id: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(
        sa.Uuid(as_uuid=False), unique=True, comment="of our order: taken in twice, it is one"
    )
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.customer_order.id"))
    state: Mapped[str] = mapped_column(server_default="read")
    lines: Mapped[Json] = mapped_column(comment="units and price by SKU")
    error: Mapped[str | None] = mapped_column(comment="why it was refused, for a person")
    placed_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class ChannelToken(Base):
    """The credentials of a channel whose refresh token changes with each use. Secret."""

    __tablename__ = "channel_token"
    __table_args__ = (
        one_of("channel", CHANNELS),
        {"schema": "shop", "comment": "One row per channel whose refresh token rotates. Secret."},
    )

    channel: Mapped[str] = mapped_column(primary_key=True)
    refresh_token: Mapped[str]
    access_token: Mapped[str | None]
    access_until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    rotating_since: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="set before the token is spent; still set where the answer was lost"
    )
    orders_until: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="orders of the channel are read up to here"
    )
    changed_at: Mapped[Instant]
