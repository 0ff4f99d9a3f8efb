with

movements as (

    select * from {{ ref('stg_stock_movements') }}

),

lots as (

    select
        stock_movement_id as lot_id,
        product_id,
        order_line_id,
        kind,
        quantity,
        unit_cost,
        moved_at as received_at,
        cast(sum(quantity) over posted as bigint) as units_until

    from movements
    where quantity > 0
    window posted as (partition by product_id order by stock_movement_id)

),

costed as (

    select
        *,
        coalesce(
            unit_cost,
            {{ last_known('unit_cost', 'posted') }},
            {{ last_known('unit_cost', 'posted_later') }}
        ) as known_cost
    from lots
    window
        posted as (partition by product_id order by lot_id),
        posted_later as (partition by product_id order by lot_id desc)

),

final as (

    select
        lot_id,
        product_id,
        order_line_id,

        kind,

        quantity,
        units_until - quantity as units_from,
        units_until,
        known_cost as unit_cost,

        received_at

    from costed

)

select * from final
