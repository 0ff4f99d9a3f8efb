{{
    config(
        indexes=[
            {'columns': ['listing_id'], 'unique': true},
            {'columns': ['product_id', 'price_rank']},
        ],
    )
}}

with

offers as (

    select * from {{ ref('int_products__offers') }}

),

final as (

    select
        listing_id,
        product_id,

        marketplace,
        country,
        is_available,
        cast(price_dzd as numeric(14, 2)) as price_dzd,
        cast(price_rank as integer) as price_rank

    from offers

)

select * from final
