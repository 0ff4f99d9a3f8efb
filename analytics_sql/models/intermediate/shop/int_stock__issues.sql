with

movements as (

    select * from {{ ref('stg_stock_movements') }}

),

issues as (

    select
        stock_movement_id as issue_id,
        product_id,
        order_line_id,
        kind,
        -quantity as quantity,
        cast(sum(-quantity) over (partition by product_id order by stock_movement_id) as bigint) as units_until,
        moved_at as issued_at

    from movements
    where quantity < 0

),

final as (

    select
        issue_id,
        product_id,
        order_line_id,

        kind,

        quantity,
        units_until - quantity as units_from,
        units_until,

        issued_at

    from issues

)

select * from final
