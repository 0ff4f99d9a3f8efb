"""What the agent looked at, taken or not; and why each of our prices is what it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'::jsonb")
MONEY = sa.Numeric(14, 2)
RATE = sa.Numeric(12, 4)
FLOOR = "least price that was allowed: the margin floor, or less by markdown"
OLD_FLOOR = "least price that keeps the margin floor"


def upgrade() -> None:
    op.create_table(
        "candidate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cycle_at", sa.DateTime(timezone=True), nullable=False, comment="the time the cycle decided at"),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True, comment="where it was taken"),
        sa.Column("verdict", sa.String(), nullable=False, comment="taken, or why not: margin, slow, others, cap_product, ..."),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="units taken, 0 where it was not"),
        sa.Column("price", MONEY, nullable=False, comment="asked by the marketplace, in DZD"),
        sa.Column("landed_cost", MONEY, nullable=False, comment="per unit"),
        sa.Column("reference_price", MONEY, nullable=True, comment="what shoppers would pay elsewhere; null: unknown"),
        sa.Column("sale_price", MONEY, nullable=False, comment="per unit, what our shop would ask"),
        sa.Column("unit_profit", MONEY, nullable=False, comment="per unit that sells, return losses included"),
        sa.Column("margin", sa.Numeric(8, 4), nullable=False, comment="unit_profit / sale_price"),
        sa.Column("rate", RATE, nullable=True, comment="units a day we would sell, the mean"),
        sa.Column("rate_low", RATE, nullable=True, comment="10 % quantile of the rate"),
        sa.Column("rate_high", RATE, nullable=True, comment="90 % quantile of the rate"),
        sa.Column(
            "days_to_sell",
            sa.Numeric(8, 1),
            nullable=True,
            comment="until the last unit taken (or the first, where none is) is sold, delivery included",
        ),
        sa.Column("expected_profit", MONEY, nullable=True, comment="of the units taken, or of the first one"),
        sa.Column(
            "downside",
            MONEY,
            nullable=True,
            comment="the same where demand is at its 10 % quantile and the rest is marked down; below 0: a loss",
        ),
        sa.Column("score", sa.Numeric(6, 2), nullable=False, comment="trend score, 0 to 100"),
        sa.Column("confidence", sa.Numeric(4, 3), nullable=False, comment="0 to 1"),
        sa.Column(
            "details",
            postgresql.JSONB(),
            server_default=EMPTY,
            nullable=False,
            comment="competitors, prices that were ignored, the units' values",
        ),
        sa.Column(
            "reasons",
            postgresql.JSONB(),
            server_default=EMPTY,
            nullable=False,
            comment="why it is taken or not, by language: fr, ar, en",
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_candidate_quantity_not_negative")),
        sa.CheckConstraint("(verdict = 'taken') = (quantity > 0)", name=op.f("ck_candidate_taken_has_quantity")),
        sa.ForeignKeyConstraint(["listing_id"], ["market.listing.id"], name=op.f("fk_candidate_listing_id_listing")),
        sa.ForeignKeyConstraint(["proposal_id"], ["agent.proposal.id"], name=op.f("fk_candidate_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("cycle_at", "listing_id", name=op.f("uq_candidate_cycle_at_listing_id")),
        schema="agent",
        comment="One row per cycle and offer looked at; kept for 30 days. Money in DZD.",
    )
    op.create_index(
        op.f("ix_candidate_listing_id_cycle_at"), "candidate", ["listing_id", "cycle_at"], unique=False, schema="agent"
    )
    op.alter_column("price_change", "floor", schema="shop", comment=FLOOR, existing_comment=OLD_FLOOR)
    for column in (
        sa.Column("reason_key", sa.String(), nullable=True, comment="the rule: competitors, stand_alone, markdown, undo, ..."),
        sa.Column("ceiling", MONEY, nullable=True, comment="most that shoppers would pay; null: unknown"),
        sa.Column(
            "numbers",
            postgresql.JSONB(),
            server_default=EMPTY,
            nullable=False,
            comment="the figures the change rests on, by name",
        ),
        sa.Column(
            "reasons",
            postgresql.JSONB(),
            server_default=EMPTY,
            nullable=False,
            comment="why, by language: fr, ar, en; empty: only `reason`",
        ),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True, comment="the change that this one took back"),
    ):
        op.add_column("price_change", column, schema="shop")
    op.create_foreign_key(
        op.f("fk_price_change_undoes_id_price_change"),
        "price_change",
        "price_change",
        ["undoes_id"],
        ["id"],
        source_schema="shop",
        referent_schema="shop",
    )
    op.create_unique_constraint(op.f("uq_price_change_undoes_id"), "price_change", ["undoes_id"], schema="shop")


def downgrade() -> None:
    for name in ("undoes_id", "reasons", "numbers", "ceiling", "reason_key"):
        op.drop_column("price_change", name, schema="shop")
    op.alter_column("price_change", "floor", schema="shop", comment=OLD_FLOOR, existing_comment=FLOOR)
    op.drop_table("candidate", schema="agent")
