"""The double-entry ledger, and reservations that end when what was bought has been sold.

An entry that does not sum to zero, or has no postings, is refused when its transaction commits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = ("asset", "liability", "equity", "income", "expense")
CHART = (
    ("cash", "asset", False, "Caisse", "الصندوق", "Cash"),
    ("carrier", "asset", False, "À recevoir des livreurs", "مستحق على شركات التوصيل", "Due from carriers"),
    ("stock", "asset", True, "Stock", "المخزون", "Stock"),
    ("goods_out", "asset", True, "Marchandises en livraison", "بضائع في الطريق", "Goods out for delivery"),
    ("prepayments", "asset", False, "Avances aux fournisseurs", "تسبيقات للموردين", "Prepaid to suppliers"),
    ("payables", "liability", False, "Dettes fournisseurs", "ديون الموردين", "Owed to suppliers"),
    ("capital", "equity", False, "Capital", "رأس المال", "Capital"),
    ("sales", "income", True, "Ventes", "المبيعات", "Sales"),
    ("refunds", "income", True, "Remboursements", "المبالغ المستردة", "Refunds"),
    ("delivery_charged", "income", True, "Livraison facturée", "توصيل مفوتر", "Delivery charged"),
    ("cost_of_goods", "expense", True, "Coût des ventes", "تكلفة المبيعات", "Cost of goods sold"),
    ("delivery_costs", "expense", True, "Frais de livraison", "تكاليف التوصيل", "Delivery costs"),
    ("fees", "expense", True, "Commissions", "العمولات", "Fees"),
    ("stock_losses", "expense", True, "Pertes de stock", "خسائر المخزون", "Stock losses"),
)

KEEPERS = """
create function books.refuse_unbalanced() returns trigger language plpgsql as $$
declare
    checked bigint := case when tg_table_name = 'entry' then (to_jsonb(new) ->> 'id')::bigint
        else (to_jsonb(new) ->> 'entry_id')::bigint end;
    difference numeric;
begin
    select sum(amount) into difference from books.posting where entry_id = checked;
    if difference is null or difference <> 0 then
        raise exception 'entry % does not balance: %', checked, coalesce(difference::text, 'no postings')
            using errcode = 'check_violation', constraint = 'ck_entry_balanced';
    end if;
    return null;
end $$;

create constraint trigger balanced after insert on books.entry
    deferrable initially deferred for each row execute function books.refuse_unbalanced();
create constraint trigger balanced after insert on books.posting
    deferrable initially deferred for each row execute function books.refuse_unbalanced();

create function books.refuse_misplaced() returns trigger language plpgsql as $$
begin
    if (select by_product from books.account where key = new.account) <> (new.product_id is not null) then
        raise exception 'a posting to % names a product exactly where the account is kept by product', new.account
            using errcode = 'check_violation', constraint = 'ck_posting_product_of_account';
    end if;
    return new;
end $$;

create trigger product_of_account before insert on books.posting
    for each row execute function books.refuse_misplaced();
"""


def upgrade() -> None:
    op.execute("create schema books")
    op.create_table(
        "account",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="assets and expenses grow by debits, the others by credits"),
        sa.Column("by_product", sa.Boolean(), nullable=False, comment="each posting names the product it concerns"),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_ar", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.CheckConstraint(f"kind in ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_account_kind_known")),
        sa.PrimaryKeyConstraint("key", name="pk_account"),
        schema="books",
        comment="One row per account of the chart; written by migrations only.",
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="receipt, sale, delivered, capital, ..."),
        sa.Column("idempotency_key", sa.String(), nullable=False, comment="movement:ID, delivered:ORDER, ..."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("purchase_order_id", sa.BigInteger()),
        sa.Column("customer_order_id", sa.BigInteger()),
        sa.Column("stock_movement_id", sa.BigInteger()),
        _to("entry", "purchase_order_id", "agent", "purchase_order"),
        _to("entry", "customer_order_id", "shop", "customer_order"),
        _to("entry", "stock_movement_id", "shop", "stock_movement"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("idempotency_key", name="uq_entry_idempotency_key"),
        schema="books",
        comment="One row per event that moved money or goods; append only.",
    )
    for column in ("at", "purchase_order_id", "customer_order_id", "stock_movement_id"):
        op.create_index(f"ix_entry_{column}", "entry", [column], schema="books")
    op.create_table(
        "posting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("product_id", sa.BigInteger()),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False, comment="positive: debit; negative: credit"),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_posting_amount_not_zero")),
        _to("posting", "entry_id", "books", "entry"),
        sa.ForeignKeyConstraint(["account"], ["books.account.key"], name="fk_posting_account_account"),
        _to("posting", "product_id", "shop", "product"),
        sa.PrimaryKeyConstraint("id", name="pk_posting"),
        schema="books",
        comment="One row per entry, account and product; append only. DZD.",
    )
    op.create_index("ix_posting_entry_id", "posting", ["entry_id"], schema="books")
    op.create_index("ix_posting_account_product_id", "posting", ["account", "product_id"], schema="books")
    _write_chart()
    op.execute(KEEPERS)
    for table in ("account", "entry", "posting"):
        op.execute(
            f"create trigger append_only before update or delete on books.{table} "
            "for each row execute function market.refuse_change()"
        )
    _let_sales_release()


def _write_chart() -> None:
    columns = ("key", "kind", "by_product", "name_fr", "name_ar", "name_en")
    table = sa.table("account", *(sa.column(name) for name in columns), schema="books")
    op.bulk_insert(table, [dict(zip(columns, row, strict=True)) for row in CHART])


def _let_sales_release() -> None:
    op.add_column(
        "budget_entry",
        sa.Column("entry_id", sa.BigInteger(), comment="the ledger entry of a sale or a return"),
        schema="agent",
    )
    op.create_foreign_key(
        "fk_budget_entry_entry_id_entry", "budget_entry", "entry", ["entry_id"], ["id"],
        source_schema="agent", referent_schema="books",
    )  # fmt: skip
    _replace_checks(
        "kind in ('reserve', 'release', 'sold', 'returned')",
        "(kind in ('reserve', 'returned')) = (amount > 0) and amount <> 0",
    )
    op.create_check_constraint(
        op.f("ck_budget_entry_entry_of_sale"),
        "budget_entry",
        "(kind in ('sold', 'returned')) = (entry_id is not null)",
        schema="agent",
    )
    op.drop_constraint("uq_budget_entry_purchase_order_id_kind", "budget_entry", schema="agent")
    op.create_unique_constraint(
        "uq_budget_entry_purchase_order_id_kind_entry_id", "budget_entry", ["purchase_order_id", "kind", "entry_id"],
        schema="agent", postgresql_nulls_not_distinct=True,
    )  # fmt: skip


def _replace_checks(kinds: str, signs: str) -> None:
    for name, rule in (("kind_known", kinds), ("sign_of_kind", signs)):
        op.drop_constraint(op.f(f"ck_budget_entry_{name}"), "budget_entry", schema="agent")
        op.create_check_constraint(op.f(f"ck_budget_entry_{name}"), "budget_entry", rule, schema="agent")


def _to(table: str, column: str, schema: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{schema}.{other}.id"], name=f"fk_{table}_{column}_{other}")


def downgrade() -> None:
    op.execute("alter table agent.budget_entry disable trigger append_only")
    op.execute("delete from agent.budget_entry where entry_id is not null")
    op.execute("alter table agent.budget_entry enable trigger append_only")
    op.drop_constraint("uq_budget_entry_purchase_order_id_kind_entry_id", "budget_entry", schema="agent")
    op.create_unique_constraint(
        "uq_budget_entry_purchase_order_id_kind", "budget_entry", ["purchase_order_id", "kind"], schema="agent"
    )
    op.drop_constraint(op.f("ck_budget_entry_entry_of_sale"), "budget_entry", schema="agent")
    _replace_checks("kind in ('reserve', 'release')", "(kind = 'reserve') = (amount > 0) and amount <> 0")
    op.drop_constraint("fk_budget_entry_entry_id_entry", "budget_entry", schema="agent")
    op.drop_column("budget_entry", "entry_id", schema="agent")
    for table in ("posting", "entry", "account"):
        op.drop_table(table, schema="books")
    op.execute("drop function books.refuse_unbalanced(), books.refuse_misplaced()")
    op.execute("drop schema books")
