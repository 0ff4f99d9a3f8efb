-- What was earned, less what was paid for goods that are neither in stock nor on their way, less all other costs. No
-- unit is costed here: the totals of the ledgers and the worth of the stock have to be enough.
with

earned as (

    select coalesce(sum(revenue_dzd), 0) as amount from {{ ref('customer_orders') }}

),

paid_for_goods as (

    select coalesce(sum(quantity * unit_cost), 0) as amount
    from {{ ref('stg_stock_movements') }}
    where kind = 'receipt'

),

paid_for_orders as (

    select coalesce(sum(amount), 0) as amount from {{ ref('stg_order_costs') }}

),

held as (

    select coalesce(sum(value_dzd + in_transit_value_dzd), 0) as amount from {{ ref('stock_position') }}

),

reported as (

    select coalesce(sum(profit_dzd), 0) as amount from {{ ref('profit_by_product') }}

)

select
    earned.amount - paid_for_goods.amount - paid_for_orders.amount + held.amount as profit_of_ledgers,
    reported.amount as profit_reported
from earned
cross join paid_for_goods
cross join paid_for_orders
cross join held
cross join reported
where earned.amount - paid_for_goods.amount - paid_for_orders.amount + held.amount <> reported.amount
