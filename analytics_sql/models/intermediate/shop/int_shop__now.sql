with

movements as (

    select * from {{ ref('stg_stock_movements') }}

),

events as (

    select * from {{ ref('stg_order_events') }}

),

markets as (

    select * from {{ ref('int_markets') }}

),

moments as (

    select max(moved_at) as known_at from movements
    union all
    select max(changed_at) as known_at from events
    union all
    select max(market_now) as known_at from markets

),

final as (

    select max(known_at) as shop_now
    from moments

)

select * from final
