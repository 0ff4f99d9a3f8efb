with

origins as (

    select * from {{ ref('int_stock__origins') }}

),

issued as (

    select
        product_id,
        max(units_until) as units_until
    from {{ ref('int_stock__issues') }}
    group by 1

),

left_over as (

    select
        origins.*,
        greatest(origins.units_from, coalesce(issued.units_until, 0)) as remaining_from
    from origins
    left join issued on origins.product_id = issued.product_id

),

final as (

    select
        product_id,
        lot_id,
        origin_lot_id,

        remaining_from as units_from,
        units_until - remaining_from as units,
        cast(unit_cost as numeric(14, 2)) as unit_cost,
        cast((units_until - remaining_from) * unit_cost as numeric(18, 2)) as value,

        is_cost_known,

        received_at

    from left_over
    where units_until > remaining_from

)

select * from final
