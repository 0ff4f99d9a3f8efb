with

observations as (

    select * from {{ ref('stg_observations') }}

),

listings as (

    select * from {{ ref('stg_listings') }}

),

markets as (

    select * from {{ ref('int_markets') }}

),

listing_days as (

    select * from {{ ref('int_listing_days') }}

),

offers as (

    select
        listings.listing_id,
        listings.marketplace,
        listings.country,
        coalesce(listings.department, '') as department,
        {{ utc_day("markets.market_now") }} as today,
        -- Instants are compared first: to name the day of each in a long log takes three times as long.
        markets.market_now - interval '{{ var("rank_window_days") }} days' as window_start
    from listings
    inner join markets on listings.marketplace = markets.marketplace and listings.country = markets.country

),

-- Where money put an offer says nothing of what it sells.
placed as (

    select
        offers.listing_id,
        {{ utc_day("observations.observed_at") }} as day,
        observations.position,
        row_number() over (
            partition by offers.listing_id, {{ utc_day("observations.observed_at") }}
            order by observations.observed_at desc, observations.observation_id desc
        ) as newest_first
    from observations
    inner join offers on observations.listing_id = offers.listing_id
    where
        observations.observed_at > offers.window_start
        and {{ utc_day("observations.observed_at") }} > offers.today - {{ var('rank_window_days') }}
        and observations.position >= 1
        and not coalesce(observations.sponsored, false)

),

departments as (

    select
        offers.marketplace,
        offers.country,
        offers.department,
        max(placed.position) as places
    from placed
    inner join offers on placed.listing_id = offers.listing_id
    group by 1, 2, 3

),

recent as (

    select
        listing_days.listing_id,
        listing_days.day,
        listing_days.close_price_dzd,
        listing_days.rating_count,
        listing_days.observation_count,
        offers.today
    from listing_days
    inner join offers on listing_days.listing_id = offers.listing_id
    where listing_days.day > offers.today - {{ var('rank_window_days') + var('rank_longest_gap_days') }}

),

usual as (

    select
        listing_id,
        percentile_cont(0.5) within group (order by close_price_dzd) as usual_price_dzd
    from recent
    where day > today - {{ var('trend_horizon_days') }}
    group by 1

),

seen as (

    select
        *,
        lag(rating_count) over history as rating_count_before,
        day - lag(day) over history as days_since
    from recent
    where observation_count > 0
    window history as (partition by listing_id order by day)

),

final as (

    select
        placed.listing_id,
        placed.day,

        offers.marketplace,
        offers.country,
        offers.department,

        placed.position,
        (placed.position - 0.5) / departments.places as part,
        cast(
            floor({{ var('rank_steps') }} * ln((placed.position - 0.5) / (departments.places - placed.position + 0.5)))
            as integer
        ) as step,
        case
            when seen.days_since <= {{ var('rank_longest_gap_days') }}
                then {{ steady_rise("seen.rating_count_before", "seen.rating_count", 50) }}
        end as rating_gain,
        seen.days_since,
        seen.close_price_dzd / nullif(usual.usual_price_dzd, 0) as price_level,
        offers.today - placed.day as age_days

    from placed
    inner join offers on placed.listing_id = offers.listing_id
    inner join departments
        on
            offers.marketplace = departments.marketplace
            and offers.country = departments.country
            and offers.department = departments.department
    left join seen on placed.listing_id = seen.listing_id and placed.day = seen.day
    left join usual on placed.listing_id = usual.listing_id
    where placed.newest_first = 1

)

select * from final
