with

evidence as (

    select * from {{ ref('int_trends__evidence') }}

),

paces as (

    select * from {{ ref('int_trends__paces') }}

),

{% if knows_products() -%}
    sellers as (

        select * from {{ ref('int_products__sellers') }}

    ),
{% endif %}

joined as (

    select
        evidence.*,
        paces.week_log_price,
        paces.price_volatility,
        paces.recent_log_position,
        paces.usual_log_position,
        paces.ratings_gained,
        paces.ratings_gained_lately,
        paces.units_gone,
        paces.units_gone_lately,
        paces.attention_gained,
        paces.attention_gained_lately,
        paces.days_off_shelf_7d,
        {{ 'sellers.seller_count' if knows_products() else 'cast(null as integer)' }} as seller_count,
        greatest(1, {{ days_between("paces.watched_since", "evidence.market_now") }}) as days_watched,
        {{ days_between("evidence.last_seen_at", "evidence.market_now") }} as days_unseen,
        {{ days_between("evidence.first_seen_at", "evidence.market_now") }} as days_since_first
    from evidence
    left join paces on evidence.listing_id = paces.listing_id
    {{ 'left join sellers on evidence.listing_id = sellers.listing_id' if knows_products() }}

),

final as (

    select
        *,

        availability <> 'out_of_stock' and days_unseen <= {{ var('trend_sight_days') }} as is_on_shelf,

        -- What was said of a listing that nobody sees any more is worth half after a week.
        cast(
            round(
                cast(confidence * power(0.5, days_unseen / {{ var('trend_window_days') }}) as numeric(18, 9)), 3
            ) as numeric(4, 3)
        ) as fresh_confidence

    from joined

)

select * from final
