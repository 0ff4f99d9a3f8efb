with

movements as (

    select * from {{ ref('stg_stock_movements') }}

),

sales as (

    select
        product_id,
        {{ utc_day('moved_at') }} as day,
        -quantity as units

    from movements
    where kind = 'sale'

),

final as (

    select
        product_id,
        day,

        sum(units) as units

    from sales
    group by 1, 2

)

select * from final
