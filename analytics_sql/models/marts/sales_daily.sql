{{
    config(
        indexes=[
            {'columns': ['product_id', 'day'], 'unique': true},
            {'columns': ['day']},
        ],
    )
}}

with

sales as (

    select * from {{ ref('int_sales') }}

),

days as (

    select
        product_id,
        {{ utc_day('sold_at') }} as day,
        count(distinct case when units_sold > 0 then order_id end) as order_count,
        sum(units_sold) as units_sold,
        sum(units_returned) as units_returned,
        sum(units_without_order) as units_without_order,
        sum(sales) as sales,
        sum(refunds) as refunds,
        sum(cost) as cost
    from sales
    group by 1, 2

),

final as (

    select
        product_id,
        day,

        cast(order_count as integer) as order_count,
        cast(units_sold as integer) as units_sold,
        cast(units_returned as integer) as units_returned,
        cast(units_without_order as integer) as units_without_order,
        cast(sales as numeric(14, 2)) as sales_dzd,
        cast(refunds as numeric(14, 2)) as refunds_dzd,
        cast(cost as numeric(14, 2)) as cost_dzd,
        cast(sales - refunds - cost as numeric(14, 2)) as gross_profit_dzd

    from days

)

select * from final
