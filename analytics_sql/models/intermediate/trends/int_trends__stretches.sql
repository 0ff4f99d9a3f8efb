with

candidates as (

    select
        *,
        {{ days_between("last_seen_at", "market_now") }} as last_seen_age
    from {{ ref('int_trends__candidates') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

-- Ages in days before the market's now: engines reckon with numbers far faster than with instants.
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
        candidates.last_seen_age,
        {{ days_between("observations.observed_at", "candidates.market_now") }} as age
    from observations
    inner join candidates on observations.listing_id = candidates.listing_id
    where observations.observed_at > candidates.horizon_start

),

steps as (

    select
        *,
        lead(age) over history as next_age,
        lag(rating_count) over history as rating_count_before,
        lag(stock_left) over history as stock_left_before,
        lag(likes) over history as likes_before,
        lag(views) over history as views_before
    from recent
    window history as (partition by listing_id order by observed_at, observation_id)

),

-- What is seen last speaks for a day, so that the last week ends a day after now.
bounded as (

    select
        *,
        greatest(
            coalesce(next_age, least(last_seen_age, age) - 1),
            age - {{ var('trend_sight_days') }}
        ) as until_age,
        {{ var('trend_window_days') }} - 1 as week_age
    from steps

),

measured as (

    select
        *,
        age - until_age as days_held,
        greatest(0, least(age, week_age) - until_age) as days_held_7d,
        -- Who is on show leaves a word every other day: a longer silence between two words is an absence.
        case
            when next_age is not null then greatest(0, least(age - {{ var('trend_sight_days') }}, week_age) - next_age)
            else 0
        end as days_silent_7d,
        power(0.5, (until_age + 1) / {{ var('trend_recent_half_life_days') }})
        - power(0.5, (age + 1) / {{ var('trend_recent_half_life_days') }}) as recent_weight,
        power(0.5, age / {{ var('trend_half_life_days') }}) as gain_weight
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
        cast(days_silent_7d as numeric(9, 7)) as days_silent_7d,
        cast(recent_weight as numeric(9, 7)) as recent_weight,
        cast(gain_weight as numeric(9, 7)) as gain_weight,

        observed_at

    from measured

)

select * from final
