{{
    config(
        indexes=[
            {'columns': ['order_id'], 'unique': true},
            {'columns': ['customer_key']},
            {'columns': ['placed_at']},
        ],
    )
}}

with

orders as (

    select * from {{ ref('stg_orders') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

states as (

    select * from {{ ref('int_orders__states') }}

),

lines as (

    select
        order_id,
        count(*) as line_count,
        sum(quantity) as units,
        sum(units_returned) as units_returned,
        sum(amount) as goods,
        sum(sales) - sum(refunds) + sum(delivery_charged) as revenue,
        sum(refunds) as refunds,
        sum(cost) as cost,
        sum(delivery_cost) as delivery_cost,
        sum(fees) as fees
    from {{ ref('int_order_lines') }}
    group by 1

),

final as (

    select
        orders.order_id,
        customers.customer_key,
        cast(
            row_number() over (partition by orders.customer_id order by orders.placed_at, orders.order_id) as integer
        ) as order_of_customer,

        orders.channel,
        orders.wilaya,
        states.state,

        cast(lines.line_count as integer) as line_count,
        cast(lines.units as integer) as units,
        cast(lines.units_returned as integer) as units_returned,
        cast(lines.goods as numeric(14, 2)) as goods_dzd,
        orders.delivery_fee as delivery_fee_dzd,
        cast(lines.goods + orders.delivery_fee as numeric(14, 2)) as total_dzd,
        cast(lines.refunds as numeric(14, 2)) as refunds_dzd,
        cast(lines.revenue as numeric(14, 2)) as revenue_dzd,
        cast(lines.cost as numeric(14, 2)) as cost_dzd,
        cast(lines.delivery_cost as numeric(14, 2)) as delivery_cost_dzd,
        cast(lines.fees as numeric(14, 2)) as fees_dzd,
        cast(lines.revenue - lines.cost - lines.delivery_cost - lines.fees as numeric(14, 2)) as profit_dzd,

        states.is_open,
        states.was_delivered,

        orders.placed_at,
        states.confirmed_at,
        states.shipped_at,
        states.delivered_at,
        states.changed_at

    from orders
    inner join states on orders.order_id = states.order_id
    inner join lines on orders.order_id = lines.order_id
    inner join customers on orders.customer_id = customers.customer_id

)

select * from final
