-- Events are read first, so that an order that is shipped there has left here.
-- depends_on: {{ ref('stg_order_events') }}

with

source as (

    select * from {{ source('shop', 'stock_movement') }}

),

final as (

    select
        source.id as stock_movement_id,
        source.product_id,
        source.order_line_id,

        source.kind,

        source.quantity,
        source.unit_cost,

        source.at as moved_at

    from source

)

select * from final
