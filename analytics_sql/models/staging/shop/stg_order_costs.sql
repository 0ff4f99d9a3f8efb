with

source as (

    select * from {{ source('shop', 'order_cost') }}

),

final as (

    select
        source.id as order_cost_id,
        source.order_id,

        source.kind,

        source.amount,

        source.at as paid_at

    from source

)

select * from final
