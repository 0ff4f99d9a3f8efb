with

source as (

    select * from {{ source('shop', 'stock_movement') }}

),

final as (

    select
        id as stock_movement_id,
        product_id,

        kind,

        quantity,
        unit_cost,

        at as moved_at

    from source

)

select * from final
