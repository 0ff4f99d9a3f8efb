with

days as (

    select
        product_id,
        sum(units_sold) as units_sold,
        sum(units_returned) as units_returned,
        sum(sales_dzd) as sales_dzd,
        sum(refunds_dzd) as refunds_dzd,
        sum(cost_dzd) as cost_dzd
    from {{ ref('sales_daily') }}
    group by 1

),

products as (

    select
        product_id,
        units_sold,
        units_returned,
        sales_dzd,
        refunds_dzd,
        cost_dzd
    from {{ ref('profit_by_product') }}
    where units_sold > 0 or units_returned > 0

),

sides as (

    select
        'days' as side,
        days.*
    from days
    union all
    select
        'products' as side,
        products.*
    from products

)

select
    product_id,
    units_sold,
    units_returned,
    sales_dzd,
    refunds_dzd,
    cost_dzd
from sides
group by 1, 2, 3, 4, 5, 6
having count(*) <> 2
