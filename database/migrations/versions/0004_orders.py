"""Orders of shoppers, and movements of stock that name their order line.

The triggers keep what one statement cannot see: nobody is promised units that are promised to another, an order moves by
its history alone, it is shipped when its units have left, and no more comes back than went.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATES = ("placed", "confirmed", "shipped", "delivered", "refused", "returned", "cancelled")
STEPS = (
    ("placed", "confirmed"),
    ("placed", "cancelled"),
    ("confirmed", "shipped"),
    ("confirmed", "cancelled"),
    ("shipped", "delivered"),
    ("shipped", "refused"),
    ("shipped", "returned"),
    ("delivered", "returned"),
)
COSTS = ("delivery_out", "delivery_back", "payment_fee", "marketplace_fee")
APPEND_ONLY = ("order_line", "order_event", "order_cost")

KEEPERS = """
create view shop.stock_available as
select s.product_id, s.quantity as on_hand, coalesce(r.quantity, 0)::bigint as reserved,
    (s.quantity - coalesce(r.quantity, 0))::bigint as available
from shop.stock_on_hand as s
left join (
    select l.product_id, sum(l.quantity + coalesce(m.quantity, 0)) as quantity
    from shop.customer_order as o
    join shop.order_line as l on l.order_id = o.id
    left join lateral (
        select sum(quantity) as quantity from shop.stock_movement where order_line_id = l.id
    ) as m on true
    where o.state in ('placed', 'confirmed')
    group by l.product_id
) as r on r.product_id = s.product_id;
comment on view shop.stock_available is
    'One row per product: units on hand, those promised to orders that have not left, and what may still be sold.';

create function shop.refuse_promised_twice() returns trigger language plpgsql as $$
declare
    units bigint;
begin
    -- Locking the product first makes concurrent orders of it take turns; the view then sees them all.
    perform 1 from shop.product where id = new.product_id for update;
    select available into units from shop.stock_available where product_id = new.product_id;
    if new.quantity > coalesce(units, 0) then
        raise exception 'product % has % units to sell, not %', new.product_id, coalesce(units, 0), new.quantity
            using errcode = 'check_violation', constraint = 'ck_order_line_available';
    end if;
    if (select state from shop.customer_order where id = new.order_id) <> 'placed' then
        raise exception 'order % is placed: its lines stay as they are', new.order_id
            using errcode = 'check_violation', constraint = 'ck_order_line_while_placed';
    end if;
    return new;
end $$;

create trigger available before insert on shop.order_line
    for each row execute function shop.refuse_promised_twice();

create function shop.move_order() returns trigger language plpgsql as $$
declare
    current text;
begin
    select state into current from shop.customer_order where id = new.order_id for update;
    if current is distinct from coalesce(new.from_state, 'placed') then
        raise exception 'order % is %, not %', new.order_id, current, coalesce(new.from_state, 'placed')
            using errcode = 'check_violation', constraint = 'ck_order_event_from_current';
    end if;
    if new.to_state in ('shipped', 'cancelled') and exists (
        select from shop.order_line as l
        where l.order_id = new.order_id and case when new.to_state = 'shipped' then l.quantity else 0 end <> coalesce(
            (select -sum(m.quantity) from shop.stock_movement as m where m.order_line_id = l.id), 0
        )
    ) then
        raise exception 'order % is not %: what has left does not fit', new.order_id, new.to_state
            using errcode = 'check_violation', constraint = 'ck_order_event_units_fit';
    end if;
    update shop.customer_order set state = new.to_state, changed_at = new.at where id = new.order_id;
    return new;
end $$;

create trigger moves_order before insert on shop.order_event for each row execute function shop.move_order();

create function shop.refuse_changed_order() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and pg_trigger_depth() > 1
        and to_jsonb(new) - 'state' - 'changed_at' = to_jsonb(old) - 'state' - 'changed_at'
    then
        return new;
    end if;
    raise exception 'an order stays as placed; a row of shop.order_event moves it'
        using errcode = 'restrict_violation';
end $$;

create trigger as_placed before update or delete on shop.customer_order
    for each row execute function shop.refuse_changed_order();

create function shop.refuse_more_than_ordered() returns trigger language plpgsql as $$
declare
    ordered bigint;
    sold bigint;
    returned bigint;
begin
    if new.order_line_id is null then
        return new;
    end if;
    select quantity into ordered from shop.order_line where id = new.order_line_id;
    select
        coalesce(-sum(quantity) filter (where kind = 'sale'), 0) - case when new.kind = 'sale' then new.quantity else 0 end,
        coalesce(sum(quantity) filter (where kind = 'return'), 0) + case when new.kind = 'return' then new.quantity else 0 end
    into sold, returned
    from shop.stock_movement where order_line_id = new.order_line_id;
    if sold > ordered or returned > sold then
        raise exception 'order line % over % units: % sold, % returned', new.order_line_id, ordered, sold, returned
            using errcode = 'check_violation', constraint = 'ck_stock_movement_order_line_fits';
    end if;
    return new;
end $$;

-- After on_hand_not_negative by name, which locks the product.
create trigger order_line_fits before insert on shop.stock_movement
    for each row execute function shop.refuse_more_than_ordered();
"""


def upgrade() -> None:
    _create_tables()
    op.add_column(
        "stock_movement",
        sa.Column(
            "order_line_id",
            sa.BigInteger(),
            comment="the order line that a sale, return or loss belongs to",
        ),
        schema="shop",
    )
    op.create_foreign_key(
        "fk_stock_movement_order_line_id_order_line",
        "stock_movement",
        "order_line",
        ["order_line_id", "product_id"],
        ["id", "product_id"],
        source_schema="shop",
        referent_schema="shop",
    )
    op.create_check_constraint(
        op.f("ck_stock_movement_order_line_of_sale"),
        "stock_movement",
        "order_line_id is null or kind in ('sale', 'return', 'loss')",
        schema="shop",
    )
    op.create_index("ix_stock_movement_order_line_id", "stock_movement", ["order_line_id"], schema="shop")
    op.execute(KEEPERS)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on shop.{table} "
            "for each row execute function market.refuse_change()"
        )


def _create_tables() -> None:
    op.create_table(
        "customer",
        _id(),
        sa.Column(
            "key",
            sa.Uuid(as_uuid=False),
            nullable=False,
            server_default=sa.text("gen_random_uuid()"),
            comment="pseudonym: random, so that nobody finds the number by trying them all",
        ),
        sa.Column("phone", sa.String(), comment="+213...; personal, null once forgotten"),
        _time("created_at"),
        _time("forgotten_at", nullable=True),
        sa.CheckConstraint(
            "(phone is null) = (forgotten_at is not null)", name=op.f("ck_customer_forgotten_has_no_phone")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.UniqueConstraint("key", name="uq_customer_key"),
        sa.UniqueConstraint("phone", name="uq_customer_phone"),
        schema="shop",
        comment="One row per shopper, found again by telephone number.",
    )
    op.create_table(
        "customer_order",
        _id(),
        sa.Column("reference", sa.String(), nullable=False, comment="what the shopper is told"),
        sa.Column(
            "idempotency_key",
            sa.Uuid(as_uuid=False),
            nullable=False,
            comment="of the checkout form: sent twice, it orders once",
        ),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "channel", sa.String(), server_default="storefront", nullable=False, comment="where it was placed"
        ),
        sa.Column(
            "state",
            sa.String(),
            server_default="placed",
            nullable=False,
            comment="to_state of its last order_event",
        ),
        sa.Column("wilaya", sa.SmallInteger(), nullable=False, comment="official code; 16 is Algiers"),
        _money("delivery_fee", "charged to the shopper on top of the lines"),
        _time("placed_at"),
        _time("changed_at"),
        sa.CheckConstraint(_among("state", STATES), name=op.f("ck_customer_order_state_known")),
        sa.CheckConstraint("delivery_fee >= 0", name=op.f("ck_customer_order_delivery_fee_not_negative")),
        sa.CheckConstraint("wilaya between 1 and 99", name=op.f("ck_customer_order_wilaya_is_code")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop.customer.id"], name="fk_customer_order_customer_id_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_customer_order"),
        sa.UniqueConstraint("reference", name="uq_customer_order_reference"),
        sa.UniqueConstraint("idempotency_key", name="uq_customer_order_idempotency_key"),
        schema="shop",
        comment="One row per order of a shopper. Money in DZD.",
    )
    op.create_index("ix_customer_order_customer_id", "customer_order", ["customer_id"], schema="shop")
    op.create_index("ix_customer_order_state_placed_at", "customer_order", ["state", "placed_at"], schema="shop")
    op.create_table(
        "order_contact",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        _to_order("order_contact"),
        sa.PrimaryKeyConstraint("order_id", name="pk_order_contact"),
        schema="shop",
        comment="One row per order whose shopper is not forgotten. Personal data.",
    )
    op.create_table(
        "order_line",
        _id(),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="units"),
        _money("unit_price", "per unit as sold, without delivery"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity_positive")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_order_line_unit_price_not_negative")),
        _to_order("order_line"),
        sa.ForeignKeyConstraint(["product_id"], ["shop.product.id"], name="fk_order_line_product_id_product"),
        sa.PrimaryKeyConstraint("id", name="pk_order_line"),
        sa.UniqueConstraint("order_id", "product_id", name="uq_order_line_order_id_product_id"),
        sa.UniqueConstraint("id", "product_id", name="uq_order_line_id_product_id"),
        schema="shop",
        comment="One row per order and product; append only. Money in DZD.",
    )
    op.create_index("ix_order_line_product_id", "order_line", ["product_id"], schema="shop")
    steps = ", ".join(f"('{before}', '{after}')" for before, after in STEPS)
    op.create_table(
        "order_event",
        _id(),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String()),
        sa.Column("to_state", sa.String(), nullable=False),
        _time("at"),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint(
            f"case when from_state is null then to_state = 'placed' else (from_state, to_state) in ({steps}) end",
            name=op.f("ck_order_event_step_known"),
        ),
        _to_order("order_event"),
        sa.PrimaryKeyConstraint("id", name="pk_order_event"),
        sa.UniqueConstraint("order_id", "to_state", name="uq_order_event_order_id_to_state"),
        schema="shop",
        comment="One row per change of an order's state; append only.",
    )
    op.create_table(
        "order_cost",
        _id(),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="delivery there, delivery back, fee of a payment, fee of a marketplace",
        ),
        _money("amount", "positive: paid; negative: an earlier entry corrected"),
        sa.Column("idempotency_key", sa.String(), nullable=False, comment="delivery_out:ORDER, ..."),
        _time("at"),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(_among("kind", COSTS), name=op.f("ck_order_cost_kind_known")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_order_cost_amount_not_zero")),
        _to_order("order_cost"),
        sa.PrimaryKeyConstraint("id", name="pk_order_cost"),
        sa.UniqueConstraint("idempotency_key", name="uq_order_cost_idempotency_key"),
        schema="shop",
        comment="One row per cost of an order besides its goods; append only. DZD.",
    )
    op.create_index("ix_order_cost_order_id", "order_cost", ["order_id"], schema="shop")


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _money(name: str, comment: str) -> sa.Column:
    return sa.Column(name, sa.Numeric(14, 2), nullable=False, comment=comment)


def _among(column: str, choices: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(choice) for choice in choices)})"


def _to_order(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["order_id"], ["shop.customer_order.id"], name=f"fk_{table}_order_id_customer_order"
    )


def downgrade() -> None:
    op.execute("drop trigger order_line_fits on shop.stock_movement")
    op.execute("drop view shop.stock_available")
    op.drop_index("ix_stock_movement_order_line_id", "stock_movement", schema="shop")
    op.drop_constraint(op.f("ck_stock_movement_order_line_of_sale"), "stock_movement", schema="shop")
    op.drop_constraint("fk_stock_movement_order_line_id_order_line", "stock_movement", schema="shop")
    op.drop_column("stock_movement", "order_line_id", schema="shop")
    for table in ("order_cost", "order_event", "order_line", "order_contact", "customer_order", "customer"):
        op.drop_table(table, schema="shop")
    op.execute(
        "drop function shop.refuse_promised_twice(), shop.move_order(), shop.refuse_changed_order(), "
        "shop.refuse_more_than_ordered()"
    )
