with

members as (

    select * from {{ ref('int_products__members') }}

),

product_listings as (

    select * from {{ ref('int_product_listings') }}

),

offers as (

    select * from {{ ref('int_listings__current') }}

),

described as (

    select
        members.product_id,
        offers.listing_id,

        offers.marketplace,
        offers.country,
        offers.title,
        offers.department,
        offers.category,
        offers.image_url,
        offers.is_resellable,
        offers.first_seen_at,
        offers.last_seen_at,

        product_listings.kind,
        product_listings.maker,
        coalesce(product_listings.models, []) as models,
        coalesce(product_listings.varieties, []) as varieties,
        coalesce(product_listings.names, []) as names,
        product_listings.storage_gb,
        product_listings.ram_gb,
        product_listings.inches,
        product_listings.processor,
        product_listings.millilitres,
        product_listings.grams,
        product_listings.packs,
        product_listings.condition,

        offers.price_dzd,
        offers.price_dzd is not null and offers.availability in ('in_stock', 'low_stock') as is_available
    from offers
    inner join members on offers.listing_id = members.listing_id
    left join product_listings on offers.listing_id = product_listings.listing_id

),

final as (

    select
        *,
        case
            when is_available
                then row_number() over (partition by product_id, is_available order by price_dzd, listing_id)
        end as price_rank,
        -- The wording that most sellers use, the shortest of them, names the product.
        row_number()
            over (partition by product_id order by title_count desc, length(title) asc, title asc, listing_id asc)
            as title_rank
    from (
        select
            *,
            count(*) over (partition by product_id, title) as title_count
        from described
    ) as counted

)

select * from final
