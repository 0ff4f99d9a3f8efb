with

movements as (

    select * from {{ ref('int_stock__movements_valued') }}
    where kind in ('sale', 'return')

),

lines as (

    select * from {{ ref('int_order_lines') }}
    where was_delivered

),

states as (

    select * from {{ ref('int_orders__states') }}

),

left_for as (

    select
        order_line_id,
        -sum(value_change) as cost
    from movements
    where kind = 'sale'
    group by 1

),

delivered as (

    select
        'order line ' || cast(lines.order_line_id as text) as sale_id,
        lines.product_id,
        lines.order_id,
        lines.units_sold,
        0 as units_returned,
        0 as units_without_order,
        lines.sales,
        0 as refunds,
        coalesce(left_for.cost, 0) as cost,
        states.delivered_at as sold_at
    from lines
    inner join states on lines.order_id = states.order_id
    left join left_for on lines.order_line_id = left_for.order_line_id

),

brought_back as (

    select
        'movement ' || cast(movements.stock_movement_id as text) as sale_id,
        lines.product_id,
        lines.order_id,
        0 as units_sold,
        movements.quantity as units_returned,
        0 as units_without_order,
        0 as sales,
        movements.quantity * lines.unit_price as refunds,
        -movements.value_change as cost,
        movements.moved_at as sold_at
    from movements
    inner join lines on movements.order_line_id = lines.order_line_id
    where movements.kind = 'return'

),

without_order as (

    select
        'movement ' || cast(stock_movement_id as text) as sale_id,
        product_id,
        cast(null as bigint) as order_id,
        case when kind = 'sale' then -quantity else 0 end as units_sold,
        case when kind = 'return' then quantity else 0 end as units_returned,
        case when kind = 'sale' then -quantity else 0 end as units_without_order,
        0 as sales,
        0 as refunds,
        -value_change as cost,
        moved_at as sold_at
    from movements
    where order_line_id is null

),

final as (

    select * from delivered
    union all
    select * from brought_back
    union all
    select * from without_order

)

select * from final
