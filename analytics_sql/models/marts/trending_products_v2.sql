{{
    config(
        indexes=[
            {'columns': ['listing_id'], 'unique': true},
            {'columns': ['category']},
            {'columns': ['score desc']},
            {'columns': ['rank_overall'], 'unique': true},
        ],
    )
}}

with

outlook as (

    select * from {{ ref('int_trends__outlook') }}

),

drives as (

    select
        listing_id,
        max(case when part = 'sales' then drive end) as sales,
        max(case when part = 'price' then drive end) as price,
        max(case when part = 'engagement' then drive end) as engagement
    from {{ ref('int_trends__drives') }}
    group by 1

),

reasons as (

    select
        listing_id,
        string_agg(text_fr, ', ' order by place) as reason_fr,
        string_agg(text_ar, '، ' order by place) as reason_ar,
        string_agg(text_en, ', ' order by place) as reason_en
    from {{ ref('int_trends__grounds') }}
    group by 1

),

driven as (

    select
        outlook.listing_id,
        coalesce(drives.sales, 0) as sales,
        coalesce(drives.price, 0) as price,
        coalesce(drives.engagement, 0) as engagement,
        -- What sells much sells a little less the week after, on average: only a push raises it above that.
        (
            {{ var('trend_v2_weight_sales') }} * coalesce(drives.sales, 0)
            + {{ var('trend_v2_weight_price') }} * coalesce(drives.price, 0)
            - {{ var('trend_v2_reversion') }}
        )
        * exp({{ var('trend_v2_size') }} * (coalesce(drives.engagement, 0) - 1))
        * ({{ var('trend_unproven_share') }} + (1 - {{ var('trend_unproven_share') }}) * outlook.fresh_confidence)
            as drive
    from outlook
    left join drives on outlook.listing_id = drives.listing_id

),

scored as (

    select
        outlook.*,
        cast(round(0.5 + driven.sales / 2, 4) as numeric(5, 4)) as score_sales,
        cast(round(0.5 + driven.price / 2, 4) as numeric(5, 4)) as score_price,
        cast(round(driven.engagement, 4) as numeric(5, 4)) as score_engagement,
        case
            when outlook.median_30d_price > 0
                then least(100.0 * (outlook.price / outlook.median_30d_price - 1), 99999.99)
        end as price_vs_median_pct,
        {{ capitalised("reasons.reason_fr") }} as reason_fr,
        reasons.reason_ar,
        {{ capitalised("reasons.reason_en") }} as reason_en,
        100 / (1 + exp(-{{ var('trend_v2_steepness') }} * cast(driven.drive as double precision))) as raw_score
    from driven
    inner join outlook on driven.listing_id = outlook.listing_id
    inner join reasons on driven.listing_id = reasons.listing_id

),

rounded as (

    select
        *,
        cast(round(cast(raw_score as numeric(18, 9)), 2) as numeric(6, 2)) as score
    from scored

),

ranked as (

    select
        *,
        row_number() over (order by score desc, fresh_confidence desc, listing_id asc) as rank_overall,
        row_number() over (
            partition by marketplace, country, category
            order by score desc, fresh_confidence desc, listing_id asc
        ) as rank_in_category
    from rounded

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
        last_observed_at,

        score,
        score_sales,
        score_price,
        score_engagement,
        fresh_confidence as confidence,
        cast(rank_overall as integer) as rank_overall,
        cast(rank_in_category as integer) as rank_in_category,
        cast(observation_count as integer) as observation_count,
        cast(rating_count_gain_7d as integer) as rating_count_gain_7d,
        price_change_7d_pct,
        cast(round(cast(price_vs_median_pct as numeric(18, 9)), 2) as numeric(7, 2)) as price_vs_median_pct,
        cast(
            case when price_volatility is not null then least(round(100 * price_volatility, 2), 999.99) end
            as numeric(5, 2)
        ) as price_volatility_pct,
        days_off_shelf_7d,
        cast(seller_count as integer) as seller_count,

        reason_fr,
        reason_ar,
        reason_en

    from ranked

)

select * from final
