"""Schema `shop`: who ordered what of our shop, what became of it and what it cost. Money in DZD.

Personal data stands in `order_contact` and in `customer.phone` only, so that a person can be forgotten while the books
stay whole.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from database import shop  # noqa: F401 - foreign keys lead there
from database.base import Base, BigId, Instant, Money, one_of

ORDER_STATES = ("placed", "confirmed", "shipped", "delivered", "refused", "returned", "cancelled")
ORDER_STEPS = (
    ("placed", "confirmed"),
    ("placed", "cancelled"),
    ("confirmed", "shipped"),
    ("confirmed", "cancelled"),
    ("shipped", "delivered"),
    ("shipped", "refused"),
    ("shipped", "returned"),
    ("delivered", "returned"),
)
"""From which state an order may go to which. Each order begins with a step from nothing to `placed`."""
COST_KINDS = ("delivery_out", "delivery_back", "payment_fee", "marketplace_fee")


def _step_known() -> sa.CheckConstraint:
    steps = ", ".join(f"('{before}', '{after}')" for before, after in ORDER_STEPS)
    rule = f"case when from_state is null then to_state = 'placed' else (from_state, to_state) in ({steps}) end"
    return sa.CheckConstraint(rule, name="step_known")


class Customer(Base):
    """A shopper, known by a telephone number. `key` stands for the person wherever nobody has to be called."""

    __tablename__ = "customer"
    __table_args__ = (
        sa.CheckConstraint("(phone is null) = (forgotten_at is not null)", name="forgotten_has_no_phone"),
        {"schema": "shop", "comment": "One row per shopper, found again by telephone number."},
    )

    id: Mapped[BigId]
    key: Mapped[str] = mapped_column(
        sa.Uuid(as_uuid=False),
        unique=True,
        server_default=sa.text("gen_random_uuid()"),
        comment="pseudonym: random, so that nobody finds the number by trying them all",
    )
    phone: Mapped[str | None] = mapped_column(unique=True, comment="+213...; personal, null once forgotten")
    created_at: Mapped[Instant]
    forgotten_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Order(Base):
    """What a shopper ordered at one time. Only a row of `order_event` moves its state; the rest stays as placed."""

    __tablename__ = "customer_order"
    __table_args__ = (
        one_of("state", ORDER_STATES),
        sa.CheckConstraint("delivery_fee >= 0", name="delivery_fee_not_negative"),
        sa.CheckConstraint("wilaya between 1 and 99", name="wilaya_is_code"),
        sa.Index(None, "customer_id"),
        sa.Index(None, "state", "placed_at"),
        {"schema": "shop", "comment": "One row per order of a shopper. Money in DZD."},
    )

    id: Mapped[BigId]
    reference: Mapped[str] = mapped_column(unique=True, comment="what the shopper is told")
    idempotency_key: Mapped[str] = mapped_column(
        sa.Uuid(as_uuid=False), unique=True, comment="of the checkout form: sent twice, it orders once"
    )
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.customer.id"))
    channel: Mapped[str] = mapped_column(server_default="storefront", comment="where it was placed")
    state: Mapped[str] = mapped_column(server_default="placed", comment="to_state of its last order_event")
    wilaya: Mapped[int] = mapped_column(sa.SmallInteger, comment="official code; 16 is Algiers")
    delivery_fee: Mapped[Money] = mapped_column(comment="charged to the shopper on top of the lines")
    placed_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class OrderContact(Base):
    """To whom an order goes: personal data, deleted when it is no longer needed."""

    __tablename__ = "order_contact"
    __table_args__ = (
        {"schema": "shop", "comment": "One row per order whose shopper is not forgotten. Personal data."},
    )

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.customer_order.id"), primary_key=True)
    name: Mapped[str]
    commune: Mapped[str]
    address: Mapped[str]


class OrderLine(Base):
    """Units of one product in an order, at the price at which they were sold. Never changed."""

    __tablename__ = "order_line"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        sa.UniqueConstraint("order_id", "product_id"),
        sa.UniqueConstraint("id", "product_id"),
        sa.Index(None, "product_id"),
        {"schema": "shop", "comment": "One row per order and product; append only. Money in DZD."},
    )

    id: Mapped[BigId]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.customer_order.id"))
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.product.id"))
    quantity: Mapped[int] = mapped_column(comment="units")
    unit_price: Mapped[Money] = mapped_column(comment="per unit as sold, without delivery")


class OrderEvent(Base):
    """One change of an order's state: who, when, why. Writing it moves the order."""

    __tablename__ = "order_event"
    __table_args__ = (
        _step_known(),
        sa.UniqueConstraint("order_id", "to_state"),
        {"schema": "shop", "comment": "One row per change of an order's state; append only."},
    )

    id: Mapped[BigId]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.customer_order.id"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at: Mapped[Instant]
    who: Mapped[str]
    why: Mapped[str]


class OrderCost(Base):
    """Money that an order cost us besides the goods. A mistake is corrected by an entry with the opposite sign."""

    __tablename__ = "order_cost"
    __table_args__ = (
        one_of("kind", COST_KINDS),
        sa.CheckConstraint("amount <> 0", name="amount_not_zero"),
        sa.Index(None, "order_id"),
        {"schema": "shop", "comment": "One row per cost of an order besides its goods; append only. DZD."},
    )

    id: Mapped[BigId]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.customer_order.id"))
    kind: Mapped[str] = mapped_column(comment="delivery there, delivery back, fee of a payment, fee of a marketplace")
    amount: Mapped[Money] = mapped_column(comment="positive: paid; negative: an earlier entry corrected")
    idempotency_key: Mapped[str] = mapped_column(unique=True, comment="delivery_out:ORDER, ...")
    at: Mapped[Instant]
    who: Mapped[str]
    reason: Mapped[str]
