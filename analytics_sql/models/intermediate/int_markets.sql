with

listings as (

    select * from {{ ref('stg_listings') }}

),

final as (

    select
        marketplace,
        country,

        count(*) as listing_count,

        max(last_seen_at) as market_now

    from listings
    group by 1, 2

)

select * from final
