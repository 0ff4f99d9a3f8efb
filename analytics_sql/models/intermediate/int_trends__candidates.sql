with

offers as (

    select * from {{ ref('int_listings__current') }}

),

final as (

    select
        *,
        {{ dbt.dateadd("day", -var('trend_window_days'), "market_now") }} as window_start,
        {{ dbt.dateadd("day", -var('trend_horizon_days'), "market_now") }} as horizon_start
    from offers
    where
        price is not null
        and {{ days_between("last_seen_at", "market_now") }} <= {{ var('trend_horizon_days') }}

)

select * from final
