-- Movements and lines are read first, so that each finds its product here.
-- depends_on: {{ ref('stg_order_lines') }}

with

source as (

    select * from {{ source('shop', 'product') }}

),

final as (

    select
        id as product_id,
        listing_id,

        sku,
        title,
        brand,
        category_path[array_length(category_path, 1)] as category

    from source

)

select * from final
