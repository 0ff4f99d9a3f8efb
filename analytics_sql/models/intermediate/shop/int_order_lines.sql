with

lines as (

    select * from {{ ref('stg_order_lines') }}

),

states as (

    select * from {{ ref('int_orders__states') }}

),

shares as (

    select * from {{ ref('int_order_lines__shares') }}

),

moved as (

    select
        order_line_id,
        cast(sum(case when kind = 'sale' then -quantity else 0 end) as bigint) as units_left,
        cast(sum(case when kind = 'return' then quantity else 0 end) as bigint) as units_back,
        cast(sum(case when kind in ('sale', 'return') then -value_change else 0 end) as numeric(18, 2)) as cost_away
    from {{ ref('int_stock__movements_valued') }}
    where order_line_id is not null
    group by 1

),

known as (

    select
        lines.*,
        coalesce(states.state, 'placed') as state,
        coalesce(states.was_delivered, false) as was_delivered,
        coalesce(moved.units_left, 0) as units_left,
        coalesce(moved.units_back, 0) as units_back,
        coalesce(moved.cost_away, 0) as cost_away,
        shares.delivery_charged,
        shares.delivery_cost,
        shares.fees

    from lines
    left join states on lines.order_id = states.order_id
    left join moved on lines.order_line_id = moved.order_line_id
    left join shares on lines.order_line_id = shares.order_line_id

),

final as (

    select
        order_line_id,
        order_id,
        product_id,

        state,

        quantity,
        unit_price,
        amount,
        units_left,
        units_back,
        case when state in ('placed', 'confirmed') then quantity - units_left else 0 end as units_reserved,
        case when was_delivered then quantity else 0 end as units_sold,
        case when was_delivered then units_back else 0 end as units_returned,
        case when was_delivered then 0 else units_left - units_back end as units_in_transit,
        case when was_delivered then amount else 0 end as sales,
        case when was_delivered then units_back * unit_price else 0 end as refunds,
        case when was_delivered then cost_away else 0 end as cost,
        case when was_delivered then 0 else cost_away end as in_transit_cost,
        delivery_charged,
        delivery_cost,
        fees,

        was_delivered

    from known

)

select * from final
