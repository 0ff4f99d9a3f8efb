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
        rating_count - lag(rating_count) over history as ratings_gained,
        lag(stock_left) over history - stock_left as units_gone,
        likes - lag(likes) over history as likes_gained,
        views - lag(views) over history as views_gained,
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
        sum(case when in_window then weight * greatest(ratings_gained, 0) end) as rating_velocity,
        sum(case when in_window then weight * greatest(units_gone, 0) end) as stock_velocity,
        sum(case when in_window then weight * (greatest(likes_gained, 0) + greatest(views_gained, 0) / 10.0) end)
            as attention_velocity,
        sum(case when sold_out then 1 else 0 end) as sold_out_episodes
    from aged
    group by 1

)

select * from final
