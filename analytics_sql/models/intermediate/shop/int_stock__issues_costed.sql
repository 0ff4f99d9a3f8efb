with

issues as (

    select * from {{ ref('int_stock__issues') }}

),

origins as (

    select * from {{ ref('int_stock__origins') }}

),

received as (

    select
        product_id,
        max(units_until) as units_until
    from origins
    group by 1

),

covered as (

    select
        issues.issue_id,
        issues.product_id,
        origins.lot_id,
        origins.origin_lot_id,
        greatest(issues.units_from, origins.units_from) as units_from,
        least(issues.units_until, origins.units_until) as units_until,
        origins.unit_cost,
        origins.is_cost_known
    from issues
    inner join origins
        on
            issues.product_id = origins.product_id
            and issues.units_from < origins.units_until
            and issues.units_until > origins.units_from

),

uncovered as (

    select
        issues.issue_id,
        issues.product_id,
        cast(null as bigint) as lot_id,
        cast(null as bigint) as origin_lot_id,
        greatest(issues.units_from, coalesce(received.units_until, 0)) as units_from,
        issues.units_until,
        0 as unit_cost,
        false as is_cost_known
    from issues
    left join received on issues.product_id = received.product_id
    where issues.units_until > coalesce(received.units_until, 0)

),

slices as (

    select * from covered
    union all
    select * from uncovered

),

final as (

    select
        issue_id,
        product_id,
        lot_id,
        origin_lot_id,

        units_from,
        units_until - units_from as units,
        cast(unit_cost as numeric(14, 2)) as unit_cost,
        cast((units_until - units_from) * unit_cost as numeric(18, 2)) as cost,

        is_cost_known

    from slices

)

select * from final
