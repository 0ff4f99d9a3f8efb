with

offers as (

    select * from {{ ref('int_listings__current') }}

),

final as (

    select
        *,
        market_now - interval '{{ var("trend_window_days") }} days' as window_start,
        market_now - interval '{{ var("trend_horizon_days") }} days' as horizon_start
    from offers
    where
        price is not null
        and {{ days_between("last_seen_at", "market_now") }} <= {{ var('trend_horizon_days') }}

)

select * from final
