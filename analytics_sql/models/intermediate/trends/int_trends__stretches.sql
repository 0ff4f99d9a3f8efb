{% set sight = "interval '" ~ var("trend_sight_days") ~ " days'" %}

with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

recent as (

    select
        observations.listing_id,
        observations.observation_id,
        observations.observed_at,
        observations.availability,
        case when observations.currency = candidates.currency then observations.price end as price,
        observations.rating_count,
        observations.stock_left,
        observations.likes,
        observations.views,
        observations.position,
        candidates.last_seen_at,
        candidates.market_now,
        -- What is seen today speaks for a day.
        candidates.market_now + interval '1 day' as ends_at
    from observations
    inner join candidates on observations.listing_id = candidates.listing_id
    where observations.observed_at > candidates.horizon_start

),

steps as (

    select
        *,
        lead(observed_at) over history as next_at,
        lag(rating_count) over history as rating_count_before,
        lag(stock_left) over history as stock_left_before,
        lag(likes) over history as likes_before,
        lag(views) over history as views_before
    from recent
    window history as (partition by listing_id order by observed_at, observation_id)

),

bounded as (

    select
        *,
        least(
            coalesce(next_at, greatest(last_seen_at, observed_at) + interval '1 day'),
            observed_at + {{ sight }}
        ) as until_at,
        ends_at - interval '{{ var("trend_window_days") }} days' as week_at
    from steps

),

measured as (

    select
        *,
        {{ days_between("observed_at", "until_at") }} as days_held,
        greatest(0, {{ days_between("greatest(observed_at, week_at)", "until_at") }}) as days_held_7d,
        -- Who is on show leaves a word every other day: a longer silence between two words is an absence.
        greatest(0, {{ days_between("greatest(observed_at + " ~ sight ~ ", week_at)", "next_at") }}) as days_silent_7d,
        power(0.5, {{ days_between("until_at", "ends_at") }} / {{ var('trend_recent_half_life_days') }})
        - power(0.5, {{ days_between("observed_at", "ends_at") }} / {{ var('trend_recent_half_life_days') }})
            as recent_weight,
        power(0.5, {{ days_between("observed_at", "market_now") }} / {{ var('trend_half_life_days') }}) as gain_weight
    from bounded

),

final as (

    select
        listing_id,
        observation_id,

        availability,

        price,
        position,
        {{ steady_rise("rating_count_before", "rating_count", 50) }} as rating_gain,
        {{ steady_rise("stock_left", "stock_left_before", 50) }} as stock_fall,
        {{ steady_rise("likes_before", "likes", 50) }} as likes_gain,
        {{ steady_rise("views_before", "views", 1000) }} as views_gain,

        -- Exact numbers, so that sums taken in another order are the same sums.
        cast(days_held as numeric(9, 7)) as days_held,
        cast(days_held_7d as numeric(9, 7)) as days_held_7d,
        cast(coalesce(days_silent_7d, 0) as numeric(9, 7)) as days_silent_7d,
        cast(recent_weight as numeric(9, 7)) as recent_weight,
        cast(gain_weight as numeric(9, 7)) as gain_weight,

        observed_at

    from measured

)

select * from final
