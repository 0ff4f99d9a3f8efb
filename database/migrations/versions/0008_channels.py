"""What our listings say, and the channels on which they stand.

`shown` is what a channel that sells by itself may sell before we hear of it. Two triggers keep the pool one: nobody
is promised what such a channel shows, and no such channel shows what is promised. Its own orders take from what it shows.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANNELS = ("storefront", "facebook", "google", "jumia_vendor", "ouedkniss")

KEEPERS = """
create function shop.refuse_shown_elsewhere() returns trigger language plpgsql as $$
declare
    units bigint;
    elsewhere bigint;
begin
    -- The trigger `available` has locked the product already.
    select coalesce(sum(c.shown), 0) into elsewhere
    from shop.channel_listing as c
    where c.product_id = new.product_id
        and c.channel <> (select channel from shop.customer_order where id = new.order_id);
    if elsewhere = 0 then
        return new;
    end if;
    select available into units from shop.stock_available where product_id = new.product_id;
    if new.quantity > coalesce(units, 0) - elsewhere then
        raise exception 'product % has % units to sell, and % of them are shown on other channels',
            new.product_id, coalesce(units, 0), elsewhere
            using errcode = 'check_violation', constraint = 'ck_order_line_not_shown_elsewhere';
    end if;
    return new;
end $$;

create trigger shown_elsewhere before insert on shop.order_line
    for each row execute function shop.refuse_shown_elsewhere();

create function shop.take_from_shown() returns trigger language plpgsql as $$
begin
    update shop.channel_listing set shown = greatest(shown - new.quantity, 0)
    where product_id = new.product_id and shown > 0
        and channel = (select channel from shop.customer_order where id = new.order_id);
    return null;
end $$;

create trigger takes_from_shown after insert on shop.order_line
    for each row execute function shop.take_from_shown();

create function shop.refuse_shown_twice() returns trigger language plpgsql as $$
declare
    units bigint;
    elsewhere bigint;
begin
    if new.shown <= (case when tg_op = 'INSERT' then 0 else old.shown end) then
        return new;
    end if;
    perform 1 from shop.product where id = new.product_id for update;
    select available into units from shop.stock_available where product_id = new.product_id;
    select coalesce(sum(shown), 0) into elsewhere
    from shop.channel_listing where product_id = new.product_id and channel <> new.channel;
    if new.shown > coalesce(units, 0) - elsewhere then
        raise exception 'product % has % units to show, not %', new.product_id, coalesce(units, 0) - elsewhere, new.shown
            using errcode = 'check_violation', constraint = 'ck_channel_listing_shown_available';
    end if;
    return new;
end $$;

create trigger shown_once before insert or update of shown on shop.channel_listing
    for each row execute function shop.refuse_shown_twice();
"""


def upgrade() -> None:
    _listing_content()
    op.create_table(
        "channel_listing",
        _id(),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.String(),
            nullable=False,
            server_default="waiting",
            comment="waiting: the channel or a person has to act",
        ),
        sa.Column("external_id", sa.String(), comment="the channel's own id"),
        sa.Column("price", sa.Numeric(14, 2), comment="last told to the channel"),
        sa.Column(
            "shown",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="most units that the channel may sell or has sold without our knowing yet",
        ),
        sa.Column(
            "sent_hash", sa.String(), comment="SHA-256 of what was last told: the same is not sent again"
        ),
        sa.Column("last_error", sa.String()),
        _time("changed_at"),
        _among("channel_listing", "channel", CHANNELS),
        _among("channel_listing", "state", ("waiting", "live", "withdrawn", "failed")),
        sa.CheckConstraint("shown >= 0", name=op.f("ck_channel_listing_shown_not_negative")),
        sa.CheckConstraint(
            "shown = 0 or channel = 'jumia_vendor'", name=op.f("ck_channel_listing_shown_by_sellers")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["shop.product.id"], name="fk_channel_listing_product_id_product"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channel_listing"),
        sa.UniqueConstraint("product_id", "channel", name="uq_channel_listing_product_id_channel"),
        schema="shop",
        comment="One row per product and channel on which it stands or stood. Money in DZD.",
    )
    op.create_table(
        "channel_action",
        _id(),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("product_id", sa.BigInteger()),
        sa.Column("kind", sa.String(), nullable=False),
        _json("payload", "what is sent, as the channel takes it"),
        sa.Column("idempotency_key", sa.String(), nullable=False, comment="stock:CHANNEL:PRODUCT:UUID, ..."),
        sa.Column("state", sa.String(), nullable=False, server_default="pending"),
        sa.Column(
            "reference", sa.String(), comment="the channel's own number of what was sent: a feed id"
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error", sa.String()),
        _time("created_at"),
        _time("changed_at"),
        _among("channel_action", "channel", CHANNELS),
        _among("channel_action", "kind", ("publish", "price", "stock", "withdraw")),
        _among("channel_action", "state", ("pending", "sending", "sent", "done", "failed")),
        sa.ForeignKeyConstraint(["product_id"], ["shop.product.id"], name="fk_channel_action_product_id_product"),
        sa.PrimaryKeyConstraint("id", name="pk_channel_action"),
        sa.UniqueConstraint("idempotency_key", name="uq_channel_action_idempotency_key"),
        schema="shop",
        comment="One row per thing that a channel is told: the outbox.",
    )
    op.create_index(
        "uq_channel_action_open",
        "channel_action",
        ["channel", "product_id", "kind"],
        unique=True,
        schema="shop",
        postgresql_where=sa.text("state in ('pending', 'sending', 'sent')"),
    )
    _orders_and_tokens()
    op.execute(KEEPERS)


def _listing_content() -> None:
    for column in (
        _json("description", "what it is, by language: fr, ar, en; composed from the attributes"),
        _json("attributes", "normalised: brand, model, storage_gb, colour, ..."),
        sa.Column("shelf", sa.String(), comment="our category, a key of reseller/shelves.py"),
        sa.Column(
            "edited",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            server_default=sa.text("'{}'"),
            comment="fields that a person has written: the agent leaves them",
        ),
    ):
        op.add_column("listing", column, schema="shop")


def _orders_and_tokens() -> None:
    op.create_table(
        "channel_order",
        _id(),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.Uuid(as_uuid=False),
            nullable=False,
            comment="of our order: taken in twice, it is one",
        ),
        sa.Column("order_id", sa.BigInteger()),
        sa.Column("state", sa.String(), nullable=False, server_default="read"),
        _json("lines", "units and price by SKU"),
        sa.Column("error", sa.String(), comment="why it was refused, for a person"),
        _time("placed_at"),
        _time("changed_at"),
        _among("channel_order", "channel", CHANNELS),
        _among("channel_order", "state", ("read", "taken", "refused", "cancelled")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["shop.customer_order.id"], name="fk_channel_order_order_id_customer_order"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channel_order"),
        sa.UniqueConstraint("channel", "external_id", name="uq_channel_order_channel_external_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_channel_order_idempotency_key"),
        schema="shop",
        comment="One row per order that was placed on a channel; without personal data.",
    )
    op.create_table(
        "channel_token",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("refresh_token", sa.String(), nullable=False),
        sa.Column("access_token", sa.String()),
        sa.Column("access_until", sa.DateTime(timezone=True)),
        sa.Column(
            "rotating_since",
            sa.DateTime(timezone=True),
            comment="set before the token is spent; still set where the answer was lost",
        ),
        sa.Column(
            "orders_until", sa.DateTime(timezone=True), comment="orders of the channel are read up to here"
        ),
        _time("changed_at"),
        _among("channel_token", "channel", CHANNELS),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_token"),
        schema="shop",
        comment="One row per channel whose refresh token rotates. Secret.",
    )


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _json(name: str, comment: str) -> sa.Column:
    return sa.Column(
        name, postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"), comment=comment
    )


def _among(table: str, column: str, choices: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(repr(choice) for choice in choices)
    return sa.CheckConstraint(f"{column} in ({listed})", name=op.f(f"ck_{table}_{column}_known"))


def downgrade() -> None:
    op.execute("drop trigger shown_elsewhere on shop.order_line")
    op.execute("drop trigger takes_from_shown on shop.order_line")
    for table in ("channel_token", "channel_order", "channel_action", "channel_listing"):
        op.drop_table(table, schema="shop")
    op.execute("drop function shop.refuse_shown_elsewhere(), shop.take_from_shown(), shop.refuse_shown_twice()")
    for column in ("edited", "shelf", "attributes", "description"):
        op.drop_column("listing", column, schema="shop")
