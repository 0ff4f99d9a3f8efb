{{
    config(
        indexes=[
            {'columns': ['marketplace', 'country', 'seller_id'], 'unique': true},
        ],
    )
}}

with

offers as (

    select * from {{ ref('int_peers__compared') }}

),

measured as (

    select
        marketplace,
        country,
        seller_id,
        max(seller_name) as seller_name,
        max(seller_kind) as seller_kind,
        {{ performance_measures() }}
    from offers
    where seller_id is not null
    group by 1, 2, 3

),

final as (

    select
        marketplace,
        country,
        seller_id,
        seller_name,
        seller_kind,

        listing_count,
        category_count,

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
