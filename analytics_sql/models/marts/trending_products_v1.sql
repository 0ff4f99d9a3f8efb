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

evidence as (

    select * from {{ ref('int_trends__evidence') }}

),

parts as (

    select
        listing_id,
        max(case when part = 'sales' then part_score end) as score_sales,
        max(case when part = 'price' then part_score end) as score_price,
        max(case when part = 'engagement' then part_score end) as score_engagement
    from {{ ref('int_trends__parts') }}
    group by 1

),

reasons as (

    select
        listing_id,
        string_agg(text_fr, ', ' order by place) as reason_fr,
        string_agg(text_ar, '، ' order by place) as reason_ar,
        string_agg(text_en, ', ' order by place) as reason_en
    from {{ ref('int_trends__reasons') }}
    group by 1

),

scored as (

    select
        evidence.*,
        cast(coalesce(parts.score_sales, 0.5) as numeric(5, 4)) as score_sales,
        cast(coalesce(parts.score_price, 0.5) as numeric(5, 4)) as score_price,
        cast(coalesce(parts.score_engagement, 0.5) as numeric(5, 4)) as score_engagement,
        {{ capitalised("reasons.reason_fr") }} as reason_fr,
        reasons.reason_ar,
        {{ capitalised("reasons.reason_en") }} as reason_en,
        cast(
            round(
                50 + 100
                * (
                    {{ var('trend_weight_sales') }} * (coalesce(parts.score_sales, 0.5) - 0.5)
                    + {{ var('trend_weight_price') }} * (coalesce(parts.score_price, 0.5) - 0.5)
                    + {{ var('trend_weight_engagement') }} * (coalesce(parts.score_engagement, 0.5) - 0.5)
                )
                * (
                    {{ var('trend_unproven_share') }}
                    + (1 - {{ var('trend_unproven_share') }}) * evidence.confidence
                ),
                2
            ) as numeric(6, 2)
        ) as score
    from evidence
    left join parts on evidence.listing_id = parts.listing_id
    inner join reasons on evidence.listing_id = reasons.listing_id

),

ranked as (

    select
        *,
        row_number() over (order by score desc, confidence desc, listing_id asc) as rank_overall,
        row_number() over (
            partition by marketplace, country, category
            order by score desc, confidence desc, listing_id asc
        ) as rank_in_category
    from scored

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
        confidence,
        cast(rank_overall as integer) as rank_overall,
        cast(rank_in_category as integer) as rank_in_category,
        cast(observation_count as integer) as observation_count,
        cast(rating_count_gain_7d as integer) as rating_count_gain_7d,
        price_change_7d_pct,

        reason_fr,
        reason_ar,
        reason_en

    from ranked

)

select * from final
