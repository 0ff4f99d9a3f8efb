with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

recent as (

    select
        observations.*,
        candidates.market_now,
        candidates.window_start
    from observations
    inner join candidates
        on observations.listing_id = candidates.listing_id and observations.observed_at > candidates.horizon_start

),

weighed as (

    select
        *,
        -- An exact number, so that sums taken in another order are the same sums; 0 before the window.
        case
            when observed_at > window_start
                then cast(
                    power(
                        0.5, {{ days_between("observed_at", "market_now") }} / {{ var('trend_half_life_days') }}
                    ) as numeric(8, 7)
                )
        end as weight
    from recent

),

final as (

    select
        listing_id,
        sum({{ rise("rating_count_before", "rating_count") }}) as rating_count_gain_30d,
        sum(weight * {{ rise("stock_left", "stock_left_before") }}) as stock_velocity,
        sum(weight * {{ rise("likes_before", "likes") }}) as likes_velocity,
        sum(weight * {{ rise("views_before", "views") }}) as views_velocity,
        sum(
            case
                when availability = 'out_of_stock' and availability_before in ('in_stock', 'low_stock') then 1
                else 0
            end
        ) as sold_out_episodes
    from weighed
    group by 1

)

select * from final
