{% set log_price = "cast(ln(cast(price as double precision)) as numeric(9, 6))" %}
{% set log_position = "cast(ln(cast(nullif(position, 0) as double precision)) as numeric(9, 6))" %}

with

stretches as (

    select
        *,
        {{ log_price }} as log_price,
        {{ log_position }} as log_position
    from {{ ref('int_trends__stretches') }}

),

sums as (

    select
        listing_id,

        sum(days_held * log_price)
        / nullif(sum(case when log_price is not null then days_held end), 0) as mean_log_price,
        sum(days_held * log_price * log_price)
        / nullif(sum(case when log_price is not null then days_held end), 0) as mean_square_log_price,
        sum(days_held_7d * log_price)
        / nullif(sum(case when log_price is not null then days_held_7d end), 0) as week_log_price,
        sum(recent_weight * log_position)
        / nullif(sum(case when log_position is not null then recent_weight end), 0) as recent_log_position,
        sum(days_held * log_position)
        / nullif(sum(case when log_position is not null then days_held end), 0) as usual_log_position,

        sum(rating_gain) as ratings_gained,
        sum(gain_weight * rating_gain) as ratings_gained_lately,
        sum(stock_fall) as units_gone,
        sum(gain_weight * stock_fall) as units_gone_lately,
        coalesce(sum(likes_gain), 0) + coalesce(sum(views_gain), 0) / 10.0 as attention_gained,
        coalesce(sum(gain_weight * likes_gain), 0) + coalesce(sum(gain_weight * views_gain), 0) / 10.0
            as attention_gained_lately,
        count(likes_gain) + count(views_gain) as attention_count,

        sum(days_silent_7d + case when availability = 'out_of_stock' or price is null then days_held_7d else 0 end)
            as days_off_shelf_7d,

        min(observed_at) as watched_since

    from stretches
    group by 1

),

final as (

    select
        listing_id,

        round(cast(week_log_price as numeric(18, 9)), 6) as week_log_price,
        round(
            cast(
                sqrt(greatest(cast(mean_square_log_price - mean_log_price * mean_log_price as double precision), 0))
                as numeric(18, 9)
            ), 6
        ) as price_volatility,
        round(cast(recent_log_position as numeric(18, 9)), 6) as recent_log_position,
        round(cast(usual_log_position as numeric(18, 9)), 6) as usual_log_position,

        ratings_gained,
        ratings_gained_lately,
        units_gone,
        units_gone_lately,
        case when attention_count > 0 then attention_gained end as attention_gained,
        case when attention_count > 0 then attention_gained_lately end as attention_gained_lately,

        cast(least(days_off_shelf_7d, {{ var('trend_window_days') }}) as numeric(4, 2)) as days_off_shelf_7d,

        watched_since

    from sums

)

select * from final
