with

listings as (

    select * from {{ ref('stg_listings') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

listing_days as (

    select * from {{ ref('int_listing_days') }}

),

markets as (

    select * from {{ ref('int_markets') }}

),

crawls as (

    select * from {{ ref('int_crawls__complete') }}

),

excluded as (

    select * from {{ ref('int_listings__excluded') }}

),

exchange_rates as (

    select * from {{ ref('exchange_rates') }}

),

newest as (

    select
        listing_id,
        max(observation_number) as observation_number
    from observations
    group by 1

),

latest as (

    select observations.*
    from observations
    inner join newest
        on
            observations.listing_id = newest.listing_id
            and observations.observation_number = newest.observation_number

),

-- A day's low may lie before the window of the market's now, so the window is taken anew here.
lows as (

    select
        listing_days.listing_id,
        listing_days.currency,
        min(listing_days.low_price) as low_30d_price,
        percentile_cont(0.5) within group (order by listing_days.close_price) as median_30d_price
    from listing_days
    inner join listings on listing_days.listing_id = listings.listing_id
    inner join markets on listings.marketplace = markets.marketplace and listings.country = markets.country
    where listing_days.day > {{ utc_day("markets.market_now") }} - {{ var('trend_horizon_days') }}
    group by 1, 2

),

final as (

    select
        listings.listing_id,

        listings.marketplace,
        listings.country,
        listings.external_id,
        listings.url,
        listings.title,
        listings.brand,
        listings.department,
        listings.category,
        listings.category_path,
        listings.seller_id,
        listings.seller_name,
        listings.seller_kind,
        listings.image_url,
        latest.currency,
        latest.price_kind,
        -- The word that a listing is gone, which came after its last sighting, is the last word of it.
        case
            when latest.availability = 'out_of_stock' and latest.observed_at >= listings.last_seen_at
                then 'out_of_stock'
            when listings.last_seen_at < crawls.absent_before then 'unknown'
            when {{ days_between("listings.last_seen_at", "markets.settled_at") }} > {{ var('unseen_after_days') }}
                then 'unknown'
            else latest.availability
        end as availability,

        cast(latest.price as numeric(14, 2)) as price,
        {{ in_dinars("latest.price", "exchange_rates.dzd_per_unit") }} as price_dzd,
        cast(latest.old_price as numeric(14, 2)) as old_price,
        cast(lows.low_30d_price as numeric(14, 2)) as low_30d_price,
        lows.median_30d_price,
        cast(latest.rating as numeric(3, 2)) as rating,
        latest.rating_count,
        latest.stock_left,
        latest.likes,
        latest.views,
        latest.position,
        latest.observation_number as observation_count,

        listings.shipped_from_abroad,
        listings.express,
        latest.price is not null and excluded.listing_id is null as is_resellable,
        coalesce(listings.last_seen_at < crawls.absent_before, false) as is_absent,

        listings.first_seen_at,
        listings.last_seen_at,
        latest.first_observed_at,
        latest.observed_at as last_observed_at,
        markets.market_now

    from listings
    inner join latest on listings.listing_id = latest.listing_id
    inner join markets on listings.marketplace = markets.marketplace and listings.country = markets.country
    left join crawls on listings.last_crawl_id = crawls.crawl_id
    left join lows on listings.listing_id = lows.listing_id and latest.currency = lows.currency
    left join excluded on listings.listing_id = excluded.listing_id
    left join exchange_rates on latest.currency = exchange_rates.currency

)

select * from final
