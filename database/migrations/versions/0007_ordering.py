"""Purchases: the waiting time, what was shown before the last click, the hand-over to a person, letters to sellers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIMES = {
    "not_before": "the agent does not order by itself before; null: it need not wait",
    "sent_at": "written before the last click at a supplier without keys: from here on the order may exist there",
    "handed_over_at": "from here on a person orders it, or says what became of it",
}
AMOUNTS = {
    "agreed_total": "delivery included, as shown before the last click",
    "confirmed_price": "per unit, as the supplier confirmed it, without delivery",
    "delivery_fee": "of the whole order, as the supplier confirmed it",
}


def upgrade() -> None:
    for name, comment in TIMES.items():
        column = sa.Column(name, sa.DateTime(timezone=True), comment=comment)
        op.add_column("purchase_order", column, schema="agent")
    for name, comment in AMOUNTS.items():
        op.add_column("purchase_order", sa.Column(name, sa.Numeric(14, 2), comment=comment), schema="agent")
    op.execute(
        "update agent.purchase_order set handed_over_at = changed_at where state = 'ordering' and supplier = 'manual'"
    )
    op.create_index(
        "uq_purchase_order_browser_reference",
        "purchase_order",
        ["supplier_reference"],
        unique=True,
        schema="agent",
        postgresql_where=sa.text("supplier = 'jumia_browser'"),
    )
    op.add_column(
        "purchase_event",
        sa.Column("screenshot", sa.String(), comment="file below DATA_DIR/screenshots"),
        schema="agent",
    )
    _create_seller_contact()


def _create_seller_contact() -> None:
    op.create_table(
        "seller_contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), comment="of a message"),
        sa.Column("text", sa.String(), comment="of a message; a note on a reply. No personal data"),
        sa.Column("reply", sa.String()),
        sa.Column("unit_price", sa.Numeric(14, 2), comment="that the seller agreed to"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.CheckConstraint("kind in ('message', 'reply')", name=op.f("ck_seller_contact_kind_known")),
        sa.CheckConstraint("language in ('fr', 'ar')", name=op.f("ck_seller_contact_language_known")),
        sa.CheckConstraint(
            "reply in ('accepted', 'refused', 'no_answer')", name=op.f("ck_seller_contact_reply_known")
        ),
        sa.CheckConstraint(
            "case when kind = 'message' then language is not null and text is not null and reply is null"
            " else language is null and reply is not null end",
            name=op.f("ck_seller_contact_fields_of_kind"),
        ),
        sa.CheckConstraint(
            "coalesce(reply, '') = 'accepted' or unit_price is null",
            name=op.f("ck_seller_contact_price_of_yes_only"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"],
            ["agent.purchase_order.id"],
            name="fk_seller_contact_purchase_order_id_purchase_order",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_seller_contact"),
        schema="agent",
        comment="One row per message to a seller or reply of one; append only. DZD.",
    )
    op.create_index("ix_seller_contact_purchase_order_id", "seller_contact", ["purchase_order_id"], schema="agent")
    op.execute(
        "create trigger append_only before update or delete on agent.seller_contact "
        "for each row execute function market.refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("seller_contact", schema="agent")
    op.drop_column("purchase_event", "screenshot", schema="agent")
    op.drop_index("uq_purchase_order_browser_reference", "purchase_order", schema="agent")
    for name in (*TIMES, *AMOUNTS):
        op.drop_column("purchase_order", name, schema="agent")
