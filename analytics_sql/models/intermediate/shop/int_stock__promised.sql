with

lines as (

    select * from {{ ref('int_order_lines') }}

),

final as (

    select
        product_id,

        cast(sum(units_reserved) as bigint) as reserved,
        cast(sum(units_in_transit) as bigint) as in_transit,
        cast(sum(in_transit_cost) as numeric(18, 2)) as in_transit_value

    from lines
    group by 1

)

select * from final
