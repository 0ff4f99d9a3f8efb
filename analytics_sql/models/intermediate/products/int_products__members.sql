with

listings as (

    select * from {{ ref('stg_listings') }}

),

product_listings as (

    select * from {{ ref('int_product_listings') }}

),

product_groups as (

    select * from {{ ref('int_products__groups') }}

),

-- A title without a word is nobody's equal, nor is a flat or a job.
grouped as (

    select
        listings.listing_id,
        coalesce(product_groups.group_signature, cast(listings.listing_id as varchar)) as group_key
    from listings
    left join product_listings on listings.listing_id = product_listings.listing_id
    left join product_groups on product_listings.signature = product_groups.signature

),

final as (

    select
        listing_id,
        -- The listing that was stored first: it stays the same when others join.
        min(listing_id) over (partition by group_key) as product_id
    from grouped

)

select * from final
