-- Movements are read first, so that each finds its line here.
-- depends_on: {{ ref('stg_stock_movements') }}

with

source as (

    select * from {{ source('shop', 'order_line') }}

),

final as (

    select
        id as order_line_id,
        order_id,
        product_id,

        quantity,
        unit_price,
        quantity * unit_price as amount

    from source

)

select * from final
