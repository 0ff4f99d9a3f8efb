"""The statements that open no rows but close them: how a crawl ended, and what it is compared with."""

from __future__ import annotations

# Crawls that finished since a person last accepted what the shop shows, newest first.
RECENT_CRAWLS = """
select earlier.offers, earlier.coverage, earlier.stats
from market.crawl as earlier
join market.crawl as this using (spider, country, markets, arguments)
where this.id = %(crawl_id)s and earlier.id <> this.id and earlier.state = 'finished'
    and earlier.started_at < this.started_at
    and earlier.stats -> 'page_limit' is not distinct from cast(%(page_limit)s as jsonb)
    and earlier.started_at >= coalesce((
        select max(accepted.started_at)
        from market.crawl as accepted
        where (accepted.spider, accepted.country, accepted.markets, accepted.arguments)
            = (this.spider, this.country, this.markets, this.arguments)
            and accepted.state = 'finished' and accepted.stats ? 'layout_accepted'
    ), '-infinity')
order by earlier.started_at desc
limit %(most)s
"""

OFFERS_OF_CRAWL = "select offers from market.crawl where id = %(crawl_id)s"

# A listing whose offer could not be used was there nevertheless.
SEE_REJECTED = """
update market.listing as seen
set
    last_seen_at = greatest(seen.last_seen_at, %(served_at)s),
    last_crawl_id = case when %(served_at)s >= seen.last_seen_at then %(crawl_id)s else seen.last_crawl_id end
from market.rejected_item as refused
inner join market.crawl on crawl.id = refused.crawl_id
where refused.crawl_id = %(crawl_id)s and refused.reason like 'offer/%%'
    and seen.external_id = coalesce(refused.raw ->> 'external_id', refused.raw ->> 'sku')
    and seen.marketplace = crawl.marketplace and seen.country = crawl.country
"""

CLOSE_CRAWL = """
update market.crawl
set
    finished_at = %(finished_at)s, pages = %(pages)s, stats = stats || %(stats)s, coverage = %(coverage)s,
    complete = %(complete)s and not exists (
        select from market.rejected_item
        where crawl_id = %(crawl_id)s and reason like 'offer/%%'
            and coalesce(raw ->> 'external_id', raw ->> 'sku') is null
    ),
    served_at = %(served_at)s, state = %(state)s, reason = %(reason)s
where id = %(crawl_id)s
returning state, reason, offers, observations, rejects
"""

INTERRUPT_CRAWL = """
update market.crawl
set state = 'failed', finished_at = now(), reason = 'interrupted: its process ended without closing the crawl'
where id = %(crawl_id)s and state = 'running'
"""
