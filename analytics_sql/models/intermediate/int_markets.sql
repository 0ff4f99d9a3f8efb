with

listings as (

    select * from {{ ref('stg_listings') }}

),

crawls as (

    select * from {{ ref('int_crawls__complete') }}

),

final as (

    select
        listings.marketplace,
        listings.country,

        count(*) as listing_count,

        max(listings.last_seen_at) as market_now,
        max(case when listings.last_crawl_id is null or crawls.is_finished then listings.last_seen_at end) as settled_at

    from listings
    left join crawls on listings.last_crawl_id = crawls.crawl_id
    group by 1, 2

)

select * from final
