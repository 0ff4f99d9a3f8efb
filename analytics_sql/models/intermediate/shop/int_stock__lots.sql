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

with_cost_before as (

    select
        *,
        {{ last_known('unit_cost') }} as cost_before
    from lots
    window history as (partition by product_id order by lot_id)

),

with_cost_after as (

    select
        *,
        {{ last_known('unit_cost') }} as cost_after
    from with_cost_before
    window history as (partition by product_id order by lot_id desc)

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
        coalesce(unit_cost, cost_before, cost_after) as unit_cost,

        received_at

    from with_cost_after

)

select * from final
