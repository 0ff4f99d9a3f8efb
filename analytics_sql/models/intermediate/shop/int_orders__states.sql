with

events as (

    select * from {{ ref('stg_order_events') }}

),

newest as (

    select
        order_id,
        max(order_event_id) as order_event_id,
        max(case when to_state = 'confirmed' then changed_at end) as confirmed_at,
        max(case when to_state = 'shipped' then changed_at end) as shipped_at,
        max(case when to_state = 'delivered' then changed_at end) as delivered_at
    from events
    group by 1

),

final as (

    select
        newest.order_id,

        events.to_state as state,

        events.to_state in ('placed', 'confirmed', 'shipped') as is_open,
        newest.delivered_at is not null as was_delivered,

        newest.confirmed_at,
        newest.shipped_at,
        newest.delivered_at,
        events.changed_at

    from newest
    inner join events on newest.order_event_id = events.order_event_id

)

select * from final
