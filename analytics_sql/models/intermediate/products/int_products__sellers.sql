with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

members as (

    select * from {{ ref('int_products__members') }}

),

-- A private seller has no name; each ad of one counts as a seller.
sellers as (

    select
        members.product_id,
        count(distinct candidates.marketplace || coalesce(candidates.seller_id, cast(candidates.listing_id as varchar)))
            as seller_count
    from candidates
    inner join members on candidates.listing_id = members.listing_id
    group by 1

),

final as (

    select
        candidates.listing_id,
        sellers.seller_count
    from candidates
    inner join members on candidates.listing_id = members.listing_id
    inner join sellers on members.product_id = sellers.product_id

)

select * from final
