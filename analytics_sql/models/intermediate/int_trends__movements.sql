with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

steps as (

    select
        listing_id,
        observed_at,
        {{ rise("lag(rating_count) over history", "rating_count") }} as ratings_gained,
        {{ rise("stock_left", "lag(stock_left) over history") }} as units_gone,
        {{ rise("lag(likes) over history", "likes") }} as likes_gained,
        {{ rise("lag(views) over history", "views") }} as views_gained,
        availability = 'out_of_stock' and lag(availability) over history in ('in_stock', 'low_stock') as sold_out
    from observations
    window history as (partition by listing_id order by observed_at, observation_id)

),

aged as (

    select
        steps.*,
        steps.observed_at > candidates.window_start as in_window,
        cast(
            power(
                0.5,
                {{ days_between("steps.observed_at", "candidates.market_now") }} / {{ var('trend_half_life_days') }}
            ) as numeric(12, 9)
        ) as weight
    from steps
    inner join candidates on steps.listing_id = candidates.listing_id
    where steps.observed_at > candidates.horizon_start

),

final as (

    select
        listing_id,
        sum(case when in_window then weight * ratings_gained end) as rating_velocity,
        sum(case when in_window then weight * units_gone end) as stock_velocity,
        sum(case when in_window then weight * likes_gained end) as likes_velocity,
        sum(case when in_window then weight * views_gained end) as views_velocity,
        sum(case when sold_out then 1 else 0 end) as sold_out_episodes
    from aged
    group by 1

)

select * from final
