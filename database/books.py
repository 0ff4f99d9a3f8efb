"""Schema `books`: the double-entry ledger. Debits are positive, credits negative, each entry sums to zero. DZD."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from database import agent, orders, shop  # noqa: F401 - foreign keys lead there
from database.base import Base, BigId, Instant, one_of

ACCOUNT_KINDS = ("asset", "liability", "equity", "income", "expense")

Amount = Annotated[Decimal, mapped_column(sa.Numeric(18, 2))]


class Account(Base):
    """One account of the chart. The chart is part of the program: migrations write it."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("kind", ACCOUNT_KINDS),
        {"schema": "books", "comment": "One row per account of the chart; written by migrations only."},
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="assets and expenses grow by debits, the others by credits")
    by_product: Mapped[bool] = mapped_column(comment="each posting names the product it concerns")
    name_fr: Mapped[str]
    name_ar: Mapped[str]
    name_en: Mapped[str]


class Entry(Base):
    """Something that moved money or goods, with the rows that it comes from."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.Index(None, "at"),
        sa.Index(None, "purchase_order_id"),
        sa.Index(None, "customer_order_id"),
        {"schema": "books", "comment": "One row per event that moved money or goods; append only."},
    )

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(comment="receipt, sale, delivered, capital, ...")
    idempotency_key: Mapped[str] = mapped_column(unique=True, comment="movement:ID, delivered:ORDER, ...")
    at: Mapped[Instant]
    who: Mapped[str]
    why: Mapped[str]
    purchase_order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agent.purchase_order.id"))
    customer_order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.customer_order.id"))
    stock_movement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.stock_movement.id"), index=True)


class Posting(Base):
    """One side of an entry."""

    __tablename__ = "posting"
    __table_args__ = (
        sa.CheckConstraint("amount <> 0", name="amount_not_zero"),
        sa.Index(None, "entry_id"),
        sa.Index(None, "account", "product_id"),
        {"schema": "books", "comment": "One row per entry, account and product; append only. DZD."},
    )

    id: Mapped[BigId]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("books.entry.id"))
    account: Mapped[str] = mapped_column(sa.ForeignKey("books.account.key"))
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop.product.id"))
    amount: Mapped[Amount] = mapped_column(comment="positive: debit; negative: credit")
