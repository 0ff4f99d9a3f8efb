"""Cheaper sightings: no index that moves with them, keys of the log checked once a statement.

The one index that is built, of the listings' names, begins with what differs most. Writing waits for it, about a second
a million listings; a crawl that waits for longer than its lock timeout spools. No table is rewritten: the new fill factor
holds for pages that are written from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEYS = (("listing_id", "listing"), ("crawl_id", "crawl"))

KEEP_KEYS = """
create function market.refuse_unknown_keys() returns trigger language plpgsql
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
begin
    if exists (
        select from inserted
        where not exists (select from market.listing where listing.id = inserted.listing_id)
    ) then
        raise exception 'an observation of a listing that is not in market.listing'
            using errcode = 'foreign_key_violation', constraint = 'fk_observation_listing_id_listing';
    end if;
    if exists (
        select from (select distinct crawl_id from inserted) as named
        where not exists (select from market.crawl where crawl.id = named.crawl_id)
    ) then
        raise exception 'an observation of a crawl that is not in market.crawl'
            using errcode = 'foreign_key_violation', constraint = 'fk_observation_crawl_id_crawl';
    end if;
    return null;
end $$;

create trigger keys_known after insert on market.observation
    referencing new table as inserted for each statement execute function market.refuse_unknown_keys();

create function market.refuse_loss() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and not exists (select from market.observation) then
        return null;
    end if;
    raise exception '%.% keeps its rows: the log names them', tg_table_schema, tg_table_name
        using errcode = 'restrict_violation';
end $$;
"""


def upgrade() -> None:
    op.drop_index("ix_listing_last_seen_at", table_name="listing", schema="market")
    _name_listings_by("external_id", "marketplace", "country")
    op.add_column(
        "listing",
        sa.Column(
            "description_digest",
            sa.Uuid(),
            comment="of the description that was merged last: the same again changes nothing",
        ),
        schema="market",
    )
    op.execute("alter table market.listing set (fillfactor = 50)")
    op.execute(KEEP_KEYS)
    for column, table in KEYS:
        op.execute(
            f"create trigger kept before delete on market.{table} "
            "for each row execute function market.refuse_loss()"
        )
        # After, because one TRUNCATE may empty the log as well.
        op.execute(
            f"create trigger kept_whole after truncate on market.{table} "
            "for each statement execute function market.refuse_loss()"
        )
        op.drop_constraint(f"fk_observation_{column}_{table}", "observation", schema="market")
        op.create_table_comment(table, COMMENTS[table][0], existing_comment=COMMENTS[table][1], schema="market")


def _name_listings_by(*columns: str) -> None:
    names = ("uq_listing_marketplace_country_external_id", "uq_listing_external_id_marketplace_country")
    new, old = names if columns[0] == "marketplace" else reversed(names)
    op.create_unique_constraint(new, "listing", columns, schema="market")
    op.drop_constraint(old, "listing", schema="market")


COMMENTS = {
    "listing": ("One row per listing of a marketplace; never deleted.", "One row per listing of a marketplace."),
    "crawl": ("One row per run of a spider; never deleted.", "One row per run of a spider."),
}


def downgrade() -> None:
    for column, table in KEYS:
        op.create_table_comment(table, COMMENTS[table][1], existing_comment=COMMENTS[table][0], schema="market")
        op.create_foreign_key(
            f"fk_observation_{column}_{table}",
            "observation",
            table,
            [column],
            ["id"],
            source_schema="market",
            referent_schema="market",
        )
        op.execute(f"drop trigger kept_whole on market.{table}")
        op.execute(f"drop trigger kept on market.{table}")
    op.execute("drop trigger keys_known on market.observation")
    op.execute("drop function market.refuse_unknown_keys(), market.refuse_loss()")
    op.execute("alter table market.listing reset (fillfactor)")
    _name_listings_by("marketplace", "country", "external_id")
    op.drop_column("listing", "description_digest", schema="market")
    op.create_index("ix_listing_last_seen_at", "listing", ["last_seen_at"], schema="market")
