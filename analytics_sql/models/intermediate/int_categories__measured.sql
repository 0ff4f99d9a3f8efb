with

offers as (

    select * from {{ ref('int_peers__compared') }}

),

by_seller as (

    select
        marketplace,
        country,
        category,
        seller_id,
        count(*) as listing_count,
        sum(rating_count_gain_7d) as gain
    from offers
    where seller_id is not null
    group by 1, 2, 3, 4

),

shares as (

    select
        *,
        1.0 * listing_count / sum(listing_count) over category as listing_share,
        -- Where nothing sold, offers are what competes.
        case
            when sum(gain) over category > 0 then 1.0 * gain / sum(gain) over category
            else 1.0 * listing_count / sum(listing_count) over category
        end as sales_share
    from by_seller
    window category as (partition by marketplace, country, category)

),

concentration as (

    select
        marketplace,
        country,
        category,
        count(*) as seller_count,
        sum(sales_share * sales_share) as seller_concentration
    from shares
    group by 1, 2, 3

),

measured as (

    select
        marketplace,
        country,
        category,
        max(department) as department,
        count(*) as listing_count,
        count(distinct lower(trim(brand))) as brand_count,
        avg(case when seller_kind = 'official' then 1.0 else 0 end) as official_share,
        avg(is_discounted) as discounted_share,
        sum(rating_count_gain_7d) as rating_count_gain_7d,
        1.0 * sum(rating_count_gain_7d) / count(*) as demand_per_listing,
        sum(sold_out_episodes) as sold_out_episodes,
        percentile_cont(0.5) within group (order by rating_count) as median_rating_count,
        percentile_cont(0.2) within group (order by price_dzd) as low_price_dzd,
        percentile_cont(0.5) within group (order by price_dzd) as median_price_dzd,
        percentile_cont(0.8) within group (order by price_dzd) as high_price_dzd
    from offers
    where category is not null
    group by 1, 2, 3

),

final as (

    select
        measured.*,
        coalesce(concentration.seller_count, 0) as seller_count,
        concentration.seller_concentration,
        1 - measured.low_price_dzd / nullif(measured.median_price_dzd, 0) as margin_room,
        measured.listing_count >= {{ var('trend_least_peers') }} as has_peers
    from measured
    left join concentration
        on
            measured.marketplace = concentration.marketplace
            and measured.country = concentration.country
            and measured.category = concentration.category

)

select * from final
