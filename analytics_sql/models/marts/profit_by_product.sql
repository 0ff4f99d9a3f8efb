{{
    config(
        indexes=[
            {'columns': ['product_id'], 'unique': true},
            {'columns': ['profit_dzd desc']},
        ],
    )
}}

with

products as (

    select * from {{ ref('stg_products') }}

),

sold as (

    select
        product_id,
        sum(units_sold) as units_sold,
        sum(units_returned) as units_returned,
        sum(units_without_order) as units_without_order,
        sum(sales) as sales,
        sum(refunds) as refunds,
        sum(cost) as cost
    from {{ ref('int_sales') }}
    group by 1

),

sent as (

    select
        product_id,
        count(case when was_delivered then order_id end) as delivered_count,
        count(case when not was_delivered and state in ('refused', 'returned') then order_id end) as refused_count,
        sum(delivery_charged) as delivery_charged,
        sum(delivery_cost) as delivery_cost,
        sum(fees) as fees
    from {{ ref('int_order_lines') }}
    group by 1
    having sum(units_left) > 0 or sum(delivery_cost) <> 0 or sum(fees) <> 0

),

written_off as (

    select
        product_id,
        -sum(quantity) as units_lost,
        -sum(value_change) as losses
    from {{ ref('int_stock__movements_valued') }}
    where kind in ('loss', 'correction')
    group by 1

),

valued as (

    select
        product_id,
        sum(case when quantity < 0 then units_without_cost else 0 end) as units_without_cost
    from {{ ref('int_stock__movements_valued') }}
    group by 1

),

summed as (

    select
        products.product_id,
        products.sku,
        products.title,
        products.category,
        coalesce(sent.delivered_count, 0) as delivered_count,
        coalesce(sent.refused_count, 0) as refused_count,
        coalesce(sold.units_sold, 0) as units_sold,
        coalesce(sold.units_returned, 0) as units_returned,
        coalesce(written_off.units_lost, 0) as units_lost,
        coalesce(sold.units_without_order, 0) as units_without_order,
        coalesce(valued.units_without_cost, 0) as units_without_cost,
        coalesce(sold.sales, 0) as sales,
        coalesce(sold.refunds, 0) as refunds,
        coalesce(sent.delivery_charged, 0) as delivery_charged,
        coalesce(sold.sales, 0) - coalesce(sold.refunds, 0) + coalesce(sent.delivery_charged, 0) as revenue,
        coalesce(sold.cost, 0) as cost,
        coalesce(sent.delivery_cost, 0) as delivery_cost,
        coalesce(sent.fees, 0) as fees,
        coalesce(written_off.losses, 0) as losses

    from products
    left join sold on products.product_id = sold.product_id
    left join sent on products.product_id = sent.product_id
    left join written_off on products.product_id = written_off.product_id
    left join valued on products.product_id = valued.product_id
    where coalesce(sold.product_id, sent.product_id, written_off.product_id) is not null

),

with_profit as (

    select
        *,
        revenue - cost - delivery_cost - fees - losses as profit
    from summed

),

final as (

    select
        product_id,

        sku,
        title,
        category,

        cast(delivered_count as integer) as delivered_count,
        cast(refused_count as integer) as refused_count,
        cast(units_sold as integer) as units_sold,
        cast(units_returned as integer) as units_returned,
        cast(units_lost as integer) as units_lost,
        cast(units_without_order as integer) as units_without_order,
        cast(units_without_cost as integer) as units_without_cost,
        cast(sales as numeric(14, 2)) as sales_dzd,
        cast(refunds as numeric(14, 2)) as refunds_dzd,
        cast(delivery_charged as numeric(14, 2)) as delivery_charged_dzd,
        cast(revenue as numeric(14, 2)) as revenue_dzd,
        cast(cost as numeric(14, 2)) as cost_dzd,
        cast(delivery_cost as numeric(14, 2)) as delivery_cost_dzd,
        cast(fees as numeric(14, 2)) as fees_dzd,
        cast(losses as numeric(14, 2)) as losses_dzd,
        cast(profit as numeric(14, 2)) as profit_dzd,
        cast(
            case when revenue > 0 then greatest(least(round(profit / revenue, 4), 9999), -9999) end as numeric(8, 4)
        ) as margin

    from with_profit

)

select * from final
