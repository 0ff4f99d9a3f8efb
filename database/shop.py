"""Schema `shop`: what our own shop holds and offers, and who works in it. Money in DZD."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from database import agent, channels, market, orders  # noqa: F401 - foreign keys lead there
from database.base import Base, BigId, Instant, Json, Money, Stamp, one_of

MOVEMENT_KINDS = ("receipt", "sale", "return", "correction", "loss")
LISTING_STATES = ("published", "withdrawn")
ROLES = ("owner", "staff")


class Product(Base):
    """One thing our shop sells or has sold, made from the market listing it was bought at."""

    __tablename__ = "product"
    __table_args__ = ({"schema": "shop", "comment": "One row per product of our shop."},)

    id: Mapped[BigId]
    sku: Mapped[str] = mapped_column(unique=True, comment="our own: HN-000123")
    listing_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("market.listing.id"), unique=True, comment="the market listing it came from"
    )
    title: Mapped[str]
    brand: Mapped[str | None]
    category_path: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    attributes: Mapped[Json]
    created_at: Mapped[Instant]


class StockMovement(Base):
    """Units that came or went. The quantity on hand is the sum; a trigger refuses a sum below zero."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        one_of("kind", MOVEMENT_KINDS),
        sa.CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        sa.CheckConstraint("kind <> 'receipt' or (quantity > 0 and unit_cost is not null)", name="receipt_has_cost"),
        sa.CheckConstraint("kind not in ('sale', 'loss') or quantity < 0", name="outgoing_negative"),
        sa.CheckConstraint("order_line_id is null or kind in ('sale', 'return', 'loss')", name="order_line_of_sale"),
        sa.ForeignKeyConstraint(
            ["order_line_id", "product_id"],
            ["shop.order_line.id", "shop.order_line.product_id"],
            name="fk_stock_movement_order_line_id_order_line",
        ),
        sa.Index(None, "product_id"),
        sa.Index(None, "order_line_id"),
        {"schema": "shop", "comment": "One row per movement of stock; append only."},
    )

    id: Mapped[BigId]
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.product.id"))
    kind: Mapped[str]
    quantity: Mapped[int] = mapped_column(comment="units: positive in, negative out")
    unit_cost: Mapped[Money | None] = mapped_column(comment="landed cost per unit of a receipt")
    purchase_order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agent.purchase_order.id"))
    order_line_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, comment="the order line that a sale, return or loss belongs to"
    )
    idempotency_key: Mapped[str] = mapped_column(unique=True, comment="receipt:PURCHASE, correction:UUID, ...")
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[Instant]


class Listing(Base):
    """A product as it stands in our storefront."""

    __tablename__ = "listing"
    __table_args__ = (
        one_of("state", LISTING_STATES),
        sa.CheckConstraint("price > 0", name="price_positive"),
        {"schema": "shop", "comment": "One row per product in our storefront."},
    )

    id: Mapped[BigId]
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.product.id"), unique=True)
    state: Mapped[str]
    title: Mapped[str]
    price: Mapped[Money] = mapped_column(comment="what the shopper pays per unit, without delivery")
    description: Mapped[Json] = mapped_column(
        comment="what it is, by language: fr, ar, en; composed from the attributes"
    )
    attributes: Mapped[Json] = mapped_column(comment="normalised: brand, model, storage_gb, colour, ...")
    shelf: Mapped[str | None] = mapped_column(comment="our category, a key of reseller/shelves.py")
    edited: Mapped[list[str]] = mapped_column(
        ARRAY(sa.Text),
        server_default=sa.text("'{}'"),
        comment="fields that a person has written: the agent leaves them",
    )
    published_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class PriceChange(Base):
    """One price of one of our listings, from when on and why."""

    __tablename__ = "price_change"
    __table_args__ = (
        sa.Index(None, "listing_id", "at"),
        {"schema": "shop", "comment": "One row per change of a price in our storefront; append only."},
    )

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.listing.id"))
    old_price: Mapped[Money | None]
    new_price: Mapped[Money]
    floor: Mapped[Money] = mapped_column(comment="least price that was allowed: the margin floor, or less by markdown")
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[Instant]
    reason_key: Mapped[str | None] = mapped_column(comment="the rule: competitors, stand_alone, markdown, undo, ...")
    ceiling: Mapped[Money | None] = mapped_column(comment="most that shoppers would pay; null: unknown")
    numbers: Mapped[Json] = mapped_column(comment="the figures the change rests on, by name")
    reasons: Mapped[Json] = mapped_column(comment="why, by language: fr, ar, en; empty: only `reason`")
    undoes_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("shop.price_change.id"), unique=True, comment="the change that this one took back"
    )


class Account(Base):
    """A person who works in the console."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("role", ROLES),
        one_of("language", ("fr", "ar", "en")),
        sa.Index("uq_account_email", sa.text("lower(email)"), unique=True),
        {"schema": "shop", "comment": "One row per person who may sign in."},
    )

    id: Mapped[BigId]
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="fr")
    password_hash: Mapped[str]
    created_at: Mapped[Stamp]
    disabled_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    last_sign_in_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class EndedToken(Base):
    """A token whose holder signed out before it ended by itself: it opens nothing any more."""

    __tablename__ = "ended_token"
    __table_args__ = ({"schema": "shop", "comment": "One row per token that was signed out, until it ends by itself."},)

    id: Mapped[str] = mapped_column(primary_key=True, comment="the token's jti claim")
    ends_at: Mapped[Instant]
