with

evidence as (

    select * from {{ ref('int_trends__evidence') }}

),

categories as (

    select
        marketplace,
        country,
        category,
        percentile_cont(0.5) within group (order by price_dzd) as category_median_dzd
    from evidence
    where price_dzd is not null
    group by 1, 2, 3

),

final as (

    select
        evidence.listing_id,

        evidence.marketplace,
        evidence.country,
        evidence.department,
        evidence.category,
        case when evidence.seller_kind in ('shop', 'official') then evidence.seller_id end as seller_id,
        case when evidence.seller_kind in ('shop', 'official') then evidence.seller_name end as seller_name,
        evidence.seller_kind,
        evidence.brand,

        evidence.price_dzd,
        evidence.price_dzd / nullif(categories.category_median_dzd, 0) as price_level,
        case when evidence.old_price > evidence.price then 1 else 0 end as is_discounted,
        case when evidence.availability in ('in_stock', 'low_stock') then 1 else 0 end as is_available,
        evidence.rating,
        coalesce(evidence.rating_count, 0) as rating_count,
        -- A count that fell was corrected by the marketplace; nobody unbought.
        greatest(coalesce(evidence.rating_count_gain_7d, 0), 0) as rating_count_gain_7d,
        evidence.sold_out_episodes,
        evidence.last_seen_at

    from evidence
    left join categories
        on
            evidence.marketplace = categories.marketplace
            and evidence.country = categories.country
            and evidence.category = categories.category
    where evidence.is_resellable

)

select * from final
