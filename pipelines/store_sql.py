"""The statements that keep the log: see "The log" in docs/ARCHITECTURE.md."""

from __future__ import annotations

from pipelines.copy_rows import copy_into

CREATE_INCOMING = """
create temporary table if not exists incoming (
    ordinal integer, marketplace text, country text, external_id text, url text, title text, observed_at timestamptz,
    brand text, category_path text[], price numeric(14, 2), currency text, old_price numeric(14, 2), price_kind text,
    rating numeric(3, 2), rating_count integer, availability text, stock_left integer, seller_name text,
    seller_kind text, shipped_from_abroad boolean, express boolean, views integer, likes integer, position integer,
    sponsored boolean, image_urls text[], attributes jsonb
) on commit delete rows
"""

COPY_INCOMING = copy_into("incoming")

# A later sighting wins where it says something; an older one that arrives late fills gaps only.
_DESCRIPTION = ("url", "title", "brand", "seller_name", "shipped_from_abroad", "express")
_KEPT = ",\n    ".join(
    f"{column} = case when excluded.last_seen_at >= seen.last_seen_at then coalesce(excluded.{column}, seen.{column}) "
    f"else coalesce(seen.{column}, excluded.{column}) end"
    for column in _DESCRIPTION
)

_UPSERT_LISTINGS = f"""
insert into market.listing as seen (
    marketplace, country, external_id, url, title, brand, category_path, seller_name, seller_kind,
    shipped_from_abroad, express, image_urls, attributes, first_seen_at, last_seen_at, last_crawl_id
)
select
    marketplace, country, external_id, url, title, brand, category_path, seller_name, seller_kind,
    shipped_from_abroad, express, image_urls, attributes, observed_at, observed_at, %(crawl_id)s
from incoming
order by marketplace, country, external_id
on conflict (marketplace, country, external_id) do update set
    {_KEPT},
    category_path = case
        when excluded.category_path <> '{{}}'
            and (excluded.last_seen_at >= seen.last_seen_at or seen.category_path = '{{}}')
        then excluded.category_path else seen.category_path end,
    image_urls = case
        when excluded.image_urls <> '{{}}'
            and (excluded.last_seen_at >= seen.last_seen_at or seen.image_urls = '{{}}')
        then excluded.image_urls else seen.image_urls end,
    seller_kind = case
        when excluded.seller_kind <> 'unknown'
            and (excluded.last_seen_at >= seen.last_seen_at or seen.seller_kind = 'unknown')
        then excluded.seller_kind else seen.seller_kind end,
    attributes = case
        when excluded.attributes = '{{}}' then seen.attributes
        when excluded.last_seen_at >= seen.last_seen_at then seen.attributes || excluded.attributes
        else excluded.attributes || seen.attributes end,
    first_seen_at = least(seen.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(seen.last_seen_at, excluded.last_seen_at),
    last_crawl_id = case
        when excluded.last_seen_at >= seen.last_seen_at then excluded.last_crawl_id else seen.last_crawl_id end
returning seen.id, seen.marketplace, seen.country, seen.external_id
"""  # noqa: S608

_ALWAYS = ("price", "currency", "old_price", "price_kind")
_WHERE_SAID = ("rating", "rating_count", "stock_left", "views", "likes", "position", "sponsored")
_CHANGED = "\n    or ".join(
    [f"said.{column} is distinct from before.{column}" for column in _ALWAYS]
    + [f"(said.{column} is not null and said.{column} is distinct from before.{column})" for column in _WHERE_SAID]
    + ["(said.availability <> 'unknown' and said.availability is distinct from before.availability)"]
)
_OBSERVED = ("observed_at", *_ALWAYS, "availability", *_WHERE_SAID)

# One statement, so that the listings' ids come from the upsert and not from a search of the whole table.
STORE_INCOMING = f"""
with listing as ({_UPSERT_LISTINGS})
insert into market.observation (listing_id, crawl_id, {", ".join(_OBSERVED)})
select listing.id, %(crawl_id)s, {", ".join(f"said.{column}" for column in _OBSERVED)}
from incoming as said
join listing using (marketplace, country, external_id)
left join lateral (
    select * from market.observation as earlier
    where earlier.listing_id = listing.id and earlier.observed_at <= said.observed_at
    order by earlier.observed_at desc
    limit 1
) as before on true
where before.id is null
    or said.observed_at - before.observed_at > interval '24 hours'
    or {_CHANGED}
order by said.ordinal
on conflict (listing_id, observed_at) do nothing
"""  # noqa: S608

# What is gone says: no price, out of stock, none left. Its listing is not seen, so it stays as it is.
STORE_GONE = f"""
with word as (
    select *
    from jsonb_to_recordset(%(gone)s) as sent (
        ordinal integer, marketplace text, country text, external_id text, url text, observed_at timestamptz
    )
),
found as (
    select word.ordinal, word.observed_at, listing.id as listing_id
    from word
    join market.listing using (marketplace, country, external_id)
    union all
    select word.ordinal, word.observed_at, listing.id
    from word
    join market.listing using (marketplace, country, url)
    where not exists (
        select from market.listing as named
        where named.marketplace = word.marketplace and named.country = word.country
            and named.external_id = word.external_id
    )
),
meant as (
    select distinct on (listing_id) listing_id, observed_at from found order by listing_id, observed_at
),
stored as (
    insert into market.observation (listing_id, crawl_id, {", ".join(_OBSERVED)})
    select meant.listing_id, %(crawl_id)s, meant.observed_at, null, null, null, 'none', 'out_of_stock',
        null, null, 0, null, null, null, null
    from meant
    left join lateral (
        select * from market.observation as earlier
        where earlier.listing_id = meant.listing_id and earlier.observed_at <= meant.observed_at
        order by earlier.observed_at desc
        limit 1
    ) as before on true
    where before.id is null
        or meant.observed_at - before.observed_at > interval '24 hours'
        or num_nonnulls(before.price, before.currency, before.old_price) > 0
        or before.price_kind <> 'none'
        or before.availability <> 'out_of_stock'
        or before.stock_left is distinct from 0
    order by meant.listing_id
    on conflict (listing_id, observed_at) do nothing
    returning id
)
select (select count(*) from stored), (select count(*) from word) - (select count(distinct ordinal) from found)
"""  # noqa: S608

CLAIM_BATCH = """
insert into market.stored_batch (id, crawl_id) values (%(id)s, %(crawl_id)s) on conflict (id) do nothing
"""

INSERT_REJECTS = "insert into market.rejected_item (crawl_id, url, reason, raw, rejected_at) values %s"

COUNT_BATCH = """
update market.crawl
set offers = offers + %(offers)s, observations = observations + %(observations)s, rejects = rejects + %(rejects)s,
    stats = case
        when %(gone_unknown)s = 0 then stats
        else jsonb_set(
            stats, '{gone/unknown}', to_jsonb(coalesce((stats ->> 'gone/unknown')::integer, 0) + %(gone_unknown)s)
        ) end
where id = %(crawl_id)s
"""

FIND_CRAWL = "select id from market.crawl where stats ->> 'run' = %(run)s"

OPEN_CRAWL = """
insert into market.crawl (spider, marketplace, country, markets, arguments, started_at, stats)
values (%(spider)s, %(marketplace)s, %(country)s, %(markets)s, %(arguments)s, %(started_at)s, %(stats)s)
returning id
"""
