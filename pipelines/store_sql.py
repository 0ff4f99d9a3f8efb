"""The statements that keep the log: see "The log" in docs/ARCHITECTURE.md."""

from __future__ import annotations

from pipelines.copy_rows import DESCRIBED, SAID, copy_into

CREATE_INCOMING = """
create temporary table if not exists incoming (
    ordinal integer, marketplace text, country text, external_id text, observed_at timestamptz,
    price numeric(14, 2), currency text, old_price numeric(14, 2), price_kind text, availability text,
    rating numeric(3, 2), rating_count integer, stock_left integer, views integer, likes integer, position integer,
    sponsored boolean, description_digest uuid
) on commit delete rows;
create temporary table if not exists sighting (
    like incoming, listing_id bigint, described_digest uuid,
    first_seen_at timestamptz, last_seen_at timestamptz, last_crawl_id bigint
) on commit delete rows;
create temporary table if not exists described (
    listing_id bigint, observed_at timestamptz, description_digest uuid,
    url text, title text, brand text, category_path text[], seller_name text, seller_kind text,
    shipped_from_abroad boolean, express boolean, image_urls text[], attributes jsonb
) on commit delete rows
"""

EMPTY_INCOMING = "truncate incoming, sighting, described"

COPY_INCOMING = copy_into("incoming", ("ordinal", *SAID, "description_digest"))

COPY_DESCRIBED = copy_into("described", ("listing_id", "observed_at", "description_digest", *DESCRIBED))

COPY_LISTINGS = copy_into(
    "market.listing",
    (
        *("id", "marketplace", "country", "external_id", "first_seen_at", "last_seen_at", "last_crawl_id"),
        *("description_digest", *DESCRIBED),
    ),
)

# Batches take turns, so that none compares with a state that another is about to change, and none waits for another's
# rows in a circle.
TAKE_TURN = "select pg_advisory_xact_lock(hashtext('market.listing'), 0)"

# A batch is small, and the planner knows nothing of a table made a moment ago.
JOIN_BY_INDEX = "set local enable_hashjoin = off; set local enable_mergejoin = off"

# Finds the listings, with ids for those never seen before. Returns the offers whose description is not the one that was
# merged last: only these have to be sent.
FIND_LISTINGS = """
insert into sighting
select
    said.*, coalesce(seen.id, nextval('market.listing_id_seq')), seen.description_digest,
    seen.first_seen_at, seen.last_seen_at, seen.last_crawl_id
from incoming as said
left join market.listing as seen using (marketplace, country, external_id);
select ordinal, listing_id, first_seen_at is null
from sighting
where described_digest is distinct from description_digest
"""

# A later sighting wins where it says something; an older one that arrives late fills gaps only.
_TEXTS = ("url", "title", "brand", "shipped_from_abroad", "express")


def _kept(column: str) -> str:
    return (
        f"case when said.observed_at >= seen.last_seen_at then coalesce(said.{column}, seen.{column}) "
        f"else coalesce(seen.{column}, said.{column}) end"
    )


_KEPT = ",\n    ".join(f"{column} = {_kept(column)}" for column in _TEXTS)
_SELLER_KIND = """case
        when said.seller_kind <> 'unknown' and (said.observed_at >= seen.last_seen_at or seen.seller_kind = 'unknown')
        then said.seller_kind else seen.seller_kind end"""

MERGE_DESCRIBED = f"""
update market.listing as seen set
    {_KEPT},
    category_path = case
        when said.category_path <> '{{}}' and (said.observed_at >= seen.last_seen_at or seen.category_path = '{{}}')
        then said.category_path else seen.category_path end,
    image_urls = case
        when said.image_urls <> '{{}}' and (said.observed_at >= seen.last_seen_at or seen.image_urls = '{{}}')
        then said.image_urls else seen.image_urls end,
    seller_kind = {_SELLER_KIND},
    seller_name = case when {_SELLER_KIND} = 'private' then null else {_kept("seller_name")} end,
    attributes = case
        when said.attributes = '{{}}' then seen.attributes
        when said.observed_at >= seen.last_seen_at then seen.attributes || said.attributes
        else said.attributes || seen.attributes end,
    description_digest = case
        when said.observed_at >= seen.last_seen_at then said.description_digest else seen.description_digest end
from described as said
where seen.id = said.listing_id
"""  # noqa: S608

ALWAYS = ("price", "currency", "old_price", "price_kind")
WHERE_SAID = ("rating", "rating_count", "stock_left", "views", "likes", "position", "sponsored")
_CHANGED = "\n    or ".join(
    [f"said.{column} is distinct from before.{column}" for column in ALWAYS]
    + [f"(said.{column} is not null and said.{column} is distinct from before.{column})" for column in WHERE_SAID]
    + ["(said.availability <> 'unknown' and said.availability is distinct from before.availability)"]
)
_OBSERVED = ("observed_at", *ALWAYS, "availability", *WHERE_SAID)

_BEFORE = """
left join lateral (
    select * from market.observation as earlier
    where said.first_seen_at is not null
        and earlier.listing_id = said.listing_id and earlier.observed_at <= said.observed_at
    order by earlier.observed_at desc
    limit 1
) as before on true
"""
_DIFFERS = f"""
    before.observed_at < said.observed_at
    and (said.observed_at - before.observed_at > interval '24 hours'
        or {_CHANGED})
"""

# What arrives late must not speak for later sightings that found what was there before and so left no row: with it goes
# what the log said then, at the time of the last of them.
STORE_SAID = f"""
insert into market.observation (listing_id, crawl_id, {", ".join(_OBSERVED)})
select said.listing_id, %(crawl_id)s, {", ".join(f"said.{column}" for column in _OBSERVED)}
from sighting as said
{_BEFORE}
where before.id is null or ({_DIFFERS})
union all
select
    said.listing_id, coalesce(said.last_crawl_id, %(crawl_id)s), said.last_seen_at,
    {", ".join(f"before.{column}" for column in _OBSERVED[1:])}
from sighting as said
{_BEFORE}
where said.observed_at < said.last_seen_at and {_DIFFERS}
    and not exists (
        select from market.observation as later
        where later.listing_id = said.listing_id
            and later.observed_at > said.observed_at and later.observed_at <= said.last_seen_at
    )
"""  # noqa: S608

STORE_SIGHTINGS = f"""
with moved as (
    update market.listing as seen set
        first_seen_at = least(seen.first_seen_at, said.observed_at),
        last_seen_at = greatest(seen.last_seen_at, said.observed_at),
        last_crawl_id = case
            when said.observed_at >= seen.last_seen_at then %(crawl_id)s else seen.last_crawl_id end
    from sighting as said
    where seen.id = said.listing_id
        and (said.observed_at < said.first_seen_at or said.observed_at > said.last_seen_at
            or (said.observed_at = said.last_seen_at and said.last_crawl_id is distinct from %(crawl_id)s))
)
{STORE_SAID}
"""  # noqa: S608

# What is gone says: no price, out of stock, none left. Its listing is not seen, so it stays as it is. Returns how many
# words are of a listing that nobody knows.
FIND_GONE = """
with word as (
    select *
    from jsonb_to_recordset(%(gone)s) as sent (
        ordinal integer, marketplace text, country text, external_id text, url text, observed_at timestamptz
    )
),
found as (
    select word.ordinal, word.observed_at, listing.id, first_seen_at, last_seen_at, last_crawl_id
    from word
    join market.listing using (marketplace, country, external_id)
    union all
    select word.ordinal, word.observed_at, listing.id, first_seen_at, last_seen_at, last_crawl_id
    from word
    join market.listing using (marketplace, country, url)
    where not exists (
        select from market.listing as named
        where named.marketplace = word.marketplace and named.country = word.country
            and named.external_id = word.external_id
    )
),
meant as (
    insert into sighting (
        listing_id, first_seen_at, last_seen_at, last_crawl_id, observed_at, price_kind, availability, stock_left
    )
    select distinct on (id) id, first_seen_at, last_seen_at, last_crawl_id, observed_at, 'none', 'out_of_stock', 0
    from found
    order by id, observed_at
)
select (select count(*) from word) - (select count(distinct ordinal) from found)
"""

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

# The running crawls of a spider on a machine, with the process of each.
RUNNING_CRAWLS = """
select id, (stats ->> 'pid')::integer, (stats ->> 'process_started')::double precision
from market.crawl
where state = 'running' and spider = %(spider)s and stats ->> 'host' = %(host)s and stats ->> 'run' <> %(run)s
"""

# What PostgreSQL refuses to take of a crawl leaves a hole in it. A crawl that runs still is told so when it is closed.
NOTE_REFUSED = """
update market.crawl
set complete = false,
    stats = jsonb_set(
        stats, '{store/refused}', to_jsonb(coalesce((stats ->> 'store/refused')::integer, 0) + %(more)s)
    ),
    reason = case when finished_at is null then reason else concat_ws('; ', reason, %(reason)s) end
where id = %(crawl_id)s
"""

TAKE_BACK_REFUSED = """
update market.crawl
set stats = jsonb_set(
    stats, '{store/refused}', to_jsonb(greatest(coalesce((stats ->> 'store/refused')::integer, 0) - 1, 0))
)
where id = %(crawl_id)s
"""

REFUSED_OF_CRAWL = "select coalesce((stats ->> 'store/refused')::integer, 0) from market.crawl where id = %(crawl_id)s"

SET_ASIDE = """
with kept as (
    insert into market.rejected_item (crawl_id, reason, raw)
    select %(crawl_id)s, %(reason)s, %(raw)s::jsonb
    where not exists (
        select from market.rejected_item
        where crawl_id = %(crawl_id)s and raw ->> 'file' = %(file)s
    )
    returning id
)
update market.crawl set rejects = rejects + (select count(*) from kept) where id = %(crawl_id)s
"""
