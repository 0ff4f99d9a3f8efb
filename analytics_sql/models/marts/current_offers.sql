{{
    config(
        indexes=[
            {'columns': ['listing_id'], 'unique': true},
            {'columns': ['title gin_trgm_ops'], 'type': 'gin'},
            {'columns': ['category']},
        ],
    )
}}

with

offers as (

    select * from {{ ref('int_listings__current') }}

),

final as (

    select
        listing_id,

        marketplace,
        country,
        external_id,
        url,
        title,
        brand,
        department,
        category,
        category_path,
        seller_kind,
        image_url,
        currency,
        price_kind,
        availability,

        price,
        price_dzd,
        old_price,
        low_30d_price,
        rating,
        rating_count,
        stock_left,
        likes,
        views,
        position,

        shipped_from_abroad,
        express,
        is_resellable,

        first_seen_at,
        last_seen_at,
        last_observed_at

    from offers

)

select * from final
