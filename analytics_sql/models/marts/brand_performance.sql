{{
    config(
        indexes=[
            {'columns': ['marketplace', 'country', 'brand_key'], 'unique': true},
        ],
    )
}}

with

offers as (

    select
        *,
        nullif(lower(trim(brand)), '') as brand_key
    from {{ ref('int_peers__compared') }}

),

measured as (

    select
        marketplace,
        country,
        brand_key,
        min(brand) as brand,
        cast(count(distinct seller_id) as integer) as seller_count,
        {{ performance_measures() }}
    from offers
    where brand_key is not null
    group by 1, 2, 3

),

final as (

    select
        marketplace,
        country,
        brand_key,
        brand,

        listing_count,
        category_count,
        seller_count,
        available_share,
        discounted_share,
        rating,
        rating_count,
        rating_count_gain_7d,
        cast(
            round(
                rating_count_gain_7d / nullif(sum(rating_count_gain_7d) over (partition by marketplace, country), 0), 4
            ) as numeric(5, 4)
        ) as gain_share,
        sold_out_episodes,
        median_price_dzd,
        price_level,

        last_seen_at

    from measured

)

select * from final
