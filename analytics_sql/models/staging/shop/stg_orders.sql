-- Lines, events and costs are read first, so that each finds its order here.
-- depends_on: {{ ref('stg_order_lines') }}
-- depends_on: {{ ref('stg_order_costs') }}

with

source as (

    select * from {{ source('shop', 'customer_order') }}

),

final as (

    select
        id as order_id,
        customer_id,

        channel,

        wilaya,
        delivery_fee,

        placed_at

    from source

)

select * from final
