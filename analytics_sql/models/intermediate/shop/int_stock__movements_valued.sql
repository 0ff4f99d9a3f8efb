with

movements as (

    select * from {{ ref('stg_stock_movements') }}

),

origins as (

    select * from {{ ref('int_stock__origins') }}

),

issues as (

    select * from {{ ref('int_stock__issues_costed') }}

),

came as (

    select
        lot_id as stock_movement_id,
        (units_until - units_from) * unit_cost as value_change,
        case when is_cost_known then 0 else units_until - units_from end as units_without_cost
    from origins

),

went as (

    select
        issue_id as stock_movement_id,
        -cost as value_change,
        case when is_cost_known then 0 else units end as units_without_cost
    from issues

),

slices as (

    select * from came
    union all
    select * from went

),

valued as (

    select
        stock_movement_id,
        cast(sum(value_change) as numeric(18, 2)) as value_change,
        cast(sum(units_without_cost) as bigint) as units_without_cost
    from slices
    group by 1

),

final as (

    select
        movements.stock_movement_id,
        movements.product_id,
        movements.order_line_id,

        movements.kind,

        movements.quantity,
        valued.value_change,
        valued.units_without_cost,

        movements.moved_at

    from movements
    inner join valued on movements.stock_movement_id = valued.stock_movement_id

)

select * from final
