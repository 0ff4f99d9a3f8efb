"""Schema `agent`: what the agent may do, what it proposed, ordered and reserved."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from database import books, market  # noqa: F401 - foreign keys lead there
from database.base import Base, BigId, Instant, Json, Money, Stamp, one_of

MODES = ("dry-run", "approve", "auto")
PROPOSAL_STATES = ("proposed", "approved", "rejected", "expired")
PURCHASE_STATES = ("proposed", "approved", "ordering", "ordered", "received", "failed", "cancelled")
BUDGET_KINDS = ("reserve", "release", "sold", "returned")
CONTACT_KINDS = ("message", "reply")
CONTACT_LANGUAGES = ("fr", "ar")
REPLIES = ("accepted", "refused", "no_answer")


class Control(Base):
    """The one row that says what the agent may do; locked by every transaction that reserves money."""

    __tablename__ = "control"
    __table_args__ = (
        one_of("mode", MODES),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("budget_per_day >= 0", name="budget_per_day_not_negative"),
        sa.CheckConstraint("budget_total >= 0", name="budget_total_not_negative"),
        sa.CheckConstraint("cap_per_product >= 0", name="cap_per_product_not_negative"),
        sa.CheckConstraint("margin_floor >= 0 and margin_floor < 1", name="margin_floor_fraction"),
        {"schema": "agent", "comment": "One row: the agent's mode, budgets and stop switch. Money in DZD."},
    )

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, server_default="1", autoincrement=False)
    mode: Mapped[str]
    stopped: Mapped[bool] = mapped_column(server_default=sa.false(), comment="the stop switch: nothing is reserved")
    stopped_reason: Mapped[str | None]
    budget_per_day: Mapped[Money]
    budget_total: Mapped[Money]
    cap_per_product: Mapped[Money]
    margin_floor: Mapped[Decimal] = mapped_column(sa.Numeric(5, 4), comment="fraction of the sale price")
    changed_at: Mapped[Stamp]
    changed_by: Mapped[str]


class Proposal(Base):
    """One product the agent would buy at one time, with the numbers it rests on."""

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", PROPOSAL_STATES),
        one_of("mode", MODES),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.Index(None, "state", "created_at"),
        sa.Index("uq_proposal_open_listing", "listing_id", unique=True, postgresql_where=sa.text("state = 'proposed'")),
        {"schema": "agent", "comment": "One row per purchase that the agent proposed. Money in DZD."},
    )

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("market.listing.id"))
    state: Mapped[str] = mapped_column(server_default="proposed")
    mode: Mapped[str] = mapped_column(comment="the agent's mode when it proposed")
    quantity: Mapped[int]
    title: Mapped[str | None] = mapped_column(comment="of the offer when it was proposed; null: older than this column")
    offer_price: Mapped[Money] = mapped_column(comment="asked by the marketplace, in offer_currency")
    offer_currency: Mapped[str] = mapped_column(sa.String(3))
    unit_price: Mapped[Money] = mapped_column(comment="the same in DZD")
    landed_cost: Mapped[Money] = mapped_column(comment="per unit: price, delivery, import")
    sale_price: Mapped[Money] = mapped_column(comment="per unit, what our shop would ask")
    expected_profit: Mapped[Money] = mapped_column(comment="per unit, after selling costs and return losses")
    margin: Mapped[Decimal] = mapped_column(sa.Numeric(6, 4), comment="expected_profit / sale_price")
    score: Mapped[Decimal] = mapped_column(sa.Numeric(6, 2), comment="trend score, 0 to 100")
    confidence: Mapped[Decimal] = mapped_column(sa.Numeric(4, 3), comment="0 to 1")
    arithmetic: Mapped[Json] = mapped_column(comment="the steps from sale price to profit, in order, DZD per unit")
    reasons: Mapped[Json] = mapped_column(comment="why, by language: fr, ar, en")
    supplier: Mapped[str]
    created_at: Mapped[Instant]
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    decided_by: Mapped[str | None]
    decision_reason: Mapped[str | None]


class Candidate(Base):
    """An offer that the agent looked at in one cycle, taken or not, with its numbers and why."""

    __tablename__ = "candidate"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        sa.CheckConstraint("(verdict = 'taken') = (quantity > 0)", name="taken_has_quantity"),
        sa.UniqueConstraint("cycle_at", "listing_id"),
        sa.Index(None, "listing_id", "cycle_at"),
        {"schema": "agent", "comment": "One row per cycle and offer looked at; kept for 30 days. Money in DZD."},
    )

    id: Mapped[BigId]
    cycle_at: Mapped[Instant] = mapped_column(comment="the time the cycle decided at")
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("market.listing.id"))
    proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agent.proposal.id"), comment="where it was taken")
    verdict: Mapped[str] = mapped_column(comment="taken, or why not: margin, slow, others, cap_product, ...")
    quantity: Mapped[int] = mapped_column(comment="units taken, 0 where it was not")
    price: Mapped[Money] = mapped_column(comment="asked by the marketplace, in DZD")
    landed_cost: Mapped[Money] = mapped_column(comment="per unit")
    reference_price: Mapped[Money | None] = mapped_column(comment="what shoppers would pay elsewhere; null: unknown")
    sale_price: Mapped[Money] = mapped_column(comment="per unit, what our shop would ask")
    unit_profit: Mapped[Money] = mapped_column(comment="per unit that sells, return losses included")
    margin: Mapped[Decimal] = mapped_column(sa.Numeric(8, 4), comment="unit_profit / sale_price")
    rate: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 4), comment="units a day we would sell, the mean")
    rate_low: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 4), comment="10 % quantile of the rate")
    rate_high: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 4), comment="90 % quantile of the rate")
    days_to_sell: Mapped[Decimal | None] = mapped_column(
        sa.Numeric(8, 1), comment="until the last unit taken (or the first, where none is) is sold, delivery included"
    )
    expected_profit: Mapped[Money | None] = mapped_column(comment="of the units taken, or of the first one")
    downside: Mapped[Money | None] = mapped_column(
        comment="the same where demand is at its 10 % quantile and the rest is marked down; below 0: a loss"
    )
    score: Mapped[Decimal] = mapped_column(sa.Numeric(6, 2), comment="trend score, 0 to 100")
    confidence: Mapped[Decimal] = mapped_column(sa.Numeric(4, 3), comment="0 to 1")
    details: Mapped[Json] = mapped_column(comment="competitors, prices that were ignored, the units' values")
    reasons: Mapped[Json] = mapped_column(comment="why it is taken or not, by language: fr, ar, en")


class PurchaseOrder(Base):
    """An order to a supplier. Its key is written before the supplier hears of it."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        one_of("state", PURCHASE_STATES),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("total = quantity * unit_price", name="total_is_product"),
        sa.Index(None, "state"),
        sa.Index(
            "uq_purchase_order_browser_reference",
            "supplier_reference",
            unique=True,
            postgresql_where=sa.text("supplier = 'jumia_browser'"),
        ),
        {"schema": "agent", "comment": "One row per order to a supplier. Money in DZD."},
    )

    id: Mapped[BigId]
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("agent.proposal.id"), unique=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("market.listing.id"))
    supplier: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), unique=True)
    state: Mapped[str] = mapped_column(server_default="proposed")
    quantity: Mapped[int]
    unit_price: Mapped[Money] = mapped_column(comment="landed cost per unit that was reserved")
    total: Mapped[Money]
    supplier_reference: Mapped[str | None] = mapped_column(comment="the supplier's order number")
    not_before: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="the agent does not order by itself before; null: it need not wait"
    )
    sent_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True),
        comment="written before the last click at a supplier without keys: from here on the order may exist there",
    )
    agreed_total: Mapped[Decimal | None] = mapped_column(
        sa.Numeric(14, 2), comment="delivery included, as shown before the last click"
    )
    handed_over_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="from here on a person orders it, or says what became of it"
    )
    confirmed_price: Mapped[Decimal | None] = mapped_column(
        sa.Numeric(14, 2), comment="per unit, as the supplier confirmed it, without delivery"
    )
    delivery_fee: Mapped[Decimal | None] = mapped_column(
        sa.Numeric(14, 2), comment="of the whole order, as the supplier confirmed it"
    )
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class PurchaseEvent(Base):
    """One change of a purchase order's state: who, when, why."""

    __tablename__ = "purchase_event"
    __table_args__ = (
        sa.Index(None, "purchase_order_id"),
        {"schema": "agent", "comment": "One row per change of a purchase order's state; append only."},
    )

    id: Mapped[BigId]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("agent.purchase_order.id"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at: Mapped[Instant]
    who: Mapped[str]
    why: Mapped[str]
    screenshot: Mapped[str | None] = mapped_column(comment="file below DATA_DIR/screenshots")


class SellerContact(Base):
    """A message prepared for a seller whom a person writes to, or the seller's reply."""

    __tablename__ = "seller_contact"
    __table_args__ = (
        one_of("kind", CONTACT_KINDS),
        one_of("language", CONTACT_LANGUAGES),
        one_of("reply", REPLIES),
        sa.CheckConstraint(
            "case when kind = 'message' then language is not null and text is not null and reply is null"
            " else language is null and reply is not null end",
            name="fields_of_kind",
        ),
        sa.CheckConstraint("coalesce(reply, '') = 'accepted' or unit_price is null", name="price_of_yes_only"),
        sa.Index(None, "purchase_order_id"),
        {"schema": "agent", "comment": "One row per message to a seller or reply of one; append only. DZD."},
    )

    id: Mapped[BigId]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("agent.purchase_order.id"))
    kind: Mapped[str]
    language: Mapped[str | None] = mapped_column(comment="of a message")
    text: Mapped[str | None] = mapped_column(comment="of a message; a note on a reply. No personal data")
    reply: Mapped[str | None]
    unit_price: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2), comment="that the seller agreed to")
    at: Mapped[Instant]
    who: Mapped[str]


class BudgetEntry(Base):
    """Money reserved for a purchase order, or released from it: what is tied up is the sum.

    What was bought is `sold` when a shopper has it: its cost is free again, and tied up again if it is `returned`.
    """

    __tablename__ = "budget_entry"
    __table_args__ = (
        one_of("kind", BUDGET_KINDS),
        sa.CheckConstraint("(kind in ('reserve', 'returned')) = (amount > 0) and amount <> 0", name="sign_of_kind"),
        sa.CheckConstraint("(kind in ('sold', 'returned')) = (entry_id is not null)", name="entry_of_sale"),
        sa.UniqueConstraint("purchase_order_id", "kind", "entry_id", postgresql_nulls_not_distinct=True),
        sa.Index(None, "at"),
        {"schema": "agent", "comment": "One row per reservation or release of money; append only. DZD."},
    )

    id: Mapped[BigId]
    purchase_order_id: Mapped[int] = mapped_column(sa.ForeignKey("agent.purchase_order.id"))
    kind: Mapped[str]
    amount: Mapped[Money] = mapped_column(comment="positive: reserved; negative: released")
    at: Mapped[Instant]
    entry_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("books.entry.id"), comment="the ledger entry of a sale or a return"
    )
