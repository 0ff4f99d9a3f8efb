with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

-- The newest observation from before the window; for a younger listing its first one.
numbered as (

    select
        observations.*,
        candidates.market_now,
        row_number() over (
            partition by observations.listing_id
            order by
                (observations.observed_at > candidates.window_start) asc,
                case when observations.observed_at <= candidates.window_start then observations.observed_at end desc,
                observations.observed_at asc,
                observations.observation_id asc
        ) as distance
    from candidates
    inner join observations on candidates.listing_id = observations.listing_id

),

final as (

    select
        listing_id,

        currency,

        price,
        rating_count,
        position,
        least(
            {{ var('trend_window_days') }},
            greatest(1, cast(ceil({{ days_between("observed_at", "market_now") }}) as integer))
        ) as window_days,

        observed_at

    from numbered
    where distance = 1

)

select * from final
