-- What an order earns and costs as a whole, spread over its lines by what they sell for (by units where all is free).
with

lines as (

    select * from {{ ref('stg_order_lines') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

states as (

    select * from {{ ref('int_orders__states') }}

),

costs as (

    select
        order_id,
        sum(case when kind in ('delivery_out', 'delivery_back') then amount else 0 end) as delivery_cost,
        sum(case when kind in ('payment_fee', 'marketplace_fee') then amount else 0 end) as fees
    from {{ ref('stg_order_costs') }}
    group by 1

),

amounts as (

    select
        orders.order_id,
        case when states.was_delivered then orders.delivery_fee else 0 end as delivery_charged,
        coalesce(costs.delivery_cost, 0) as delivery_cost,
        coalesce(costs.fees, 0) as fees
    from orders
    left join states on orders.order_id = states.order_id
    left join costs on orders.order_id = costs.order_id

),

weighed as (

    select
        order_line_id,
        order_id,
        cast(
            case when sum(amount) over (partition by order_id) > 0 then amount * 100 else quantity end as bigint
        ) as weight
    from lines

),

running as (

    select
        order_line_id,
        order_id,
        weight,
        cast(sum(weight) over (partition by order_id order by order_line_id) as bigint) as weight_until,
        cast(sum(weight) over (partition by order_id) as bigint) as weight_of_all
    from weighed

),

final as (

    select
        running.order_line_id,

        {{ share_of('amounts.delivery_charged', 'running') }} as delivery_charged,
        {{ share_of('amounts.delivery_cost', 'running') }} as delivery_cost,
        {{ share_of('amounts.fees', 'running') }} as fees

    from running
    inner join amounts on running.order_id = amounts.order_id

)

select * from final
