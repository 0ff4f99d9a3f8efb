-- Orders are read first, so that each finds its shopper here.
-- depends_on: {{ ref('stg_orders') }}

with

source as (

    select * from {{ source('shop', 'customer') }}

),

final as (

    select
        id as customer_id,
        cast(key as text) as customer_key

    from source

)

select * from final
