with

source as (

    select * from {{ source('shop', 'order_event') }}

),

final as (

    select
        source.id as order_event_id,
        source.order_id,

        source.from_state,
        source.to_state,

        source.at as changed_at

    from source

)

select * from final
