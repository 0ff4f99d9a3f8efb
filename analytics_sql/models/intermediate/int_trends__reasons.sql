{% set texts = trend_reasons() %}

{% set reasons = [
    {'name': 'ratings gained', 'strength': 1, 'holds': 'rating_count_gain_7d > 0'},
    {'name': 'price fell', 'strength': 2, 'holds': 'price_change_7d_pct <= -1'},
    {'name': 'sold out', 'strength': 3, 'holds': 'sold_out_episodes > 0'},
    {'name': 'few left', 'strength': 4, 'holds': "stock_left between 1 and 5 and availability in ('in_stock', 'low_stock')"},
    {'name': 'climbed', 'strength': 5, 'holds': "position <= 10 and baseline_position - position >= 3"},
    {'name': 'well rated', 'strength': 6, 'holds': 'rating >= 4 and rating_count >= 5'},
    {'name': 'new', 'strength': 7, 'holds': 'first_seen_at > window_start and first_seen_at > market_first_seen_at'},
    {'name': 'little known', 'strength': 9, 'holds': 'true'},
] %}

with

evidence as (

    select
        *,
        min(first_seen_at) over (partition by marketplace, country) as market_first_seen_at
    from {{ ref('int_trends__evidence') }}

),

reasons as (

    {% for reason in reasons -%}
        select
            listing_id,
            '{{ reason.name }}' as reason,
            {{ reason.strength }} as strength,
            {{ texts[reason.name].fr }} as text_fr,
            {{ texts[reason.name].ar }} as text_ar,
            {{ texts[reason.name].en }} as text_en
        from evidence
        where {{ reason.holds }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

numbered as (

    select
        *,
        row_number() over (partition by listing_id order by strength) as place
    from reasons

),

-- Two reasons are read; the ones that only fill a silence (7 and up) stand alone.
final as (

    select
        listing_id,
        reason,
        strength,
        text_fr,
        text_ar,
        text_en,
        place
    from numbered
    where place = 1 or (place = 2 and strength < 7)

)

select * from final
