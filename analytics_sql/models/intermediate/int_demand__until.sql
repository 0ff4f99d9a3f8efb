-- The last day that is over: sales of the newest day may still come.
with

movements as (

    select * from {{ ref('stg_stock_movements') }}

),

markets as (

    select * from {{ ref('int_markets') }}

),

moments as (

    select moved_at as known_at from movements
    union all
    select market_now as known_at from markets

),

final as (

    select {{ utc_day('max(known_at)') }} - 1 as last_day
    from moments

)

select * from final
