{% set texts = trend_reasons() %}

-- A reason with a signal weighs what the signal adds to the score; one without is said where no other can be.
{% set reasons = [
    {'name': 'price fell', 'signal': 'price_under_week', 'holds': 'price_change_7d_pct <= -1'},
    {
        'name': 'below median', 'signal': 'under_median_steadily',
        'holds': 'price <= 0.97 * median_30d_price and coalesce(price_change_7d_pct, 0) > -1',
    },
    {'name': 'ratings gained', 'signal': 'rating_surge', 'holds': 'rating_count_gain_7d > 0'},
    {'name': 'few left', 'signal': 'stock_surge', 'holds': 'stock_left between 1 and 5 and is_on_shelf'},
    {'name': 'sought', 'signal': 'attention_surge', 'holds': 'attention_gained_lately > 0'},
    {
        'name': 'climbed', 'signal': 'position_surge',
        'holds': 'position <= 10 and exp(cast(usual_log_position as double precision)) - position >= 3',
    },
    {'name': 'back on show', 'signal': 'back_on_shelf', 'holds': 'is_on_shelf and round(days_off_shelf_7d) >= 1'},
    {
        'name': 'new', 'signal': 'newness',
        'holds': 'days_since_first <= 14 and first_seen_at > market_first_seen_at',
    },
    {'name': 'sold out', 'strength': 1, 'holds': 'sold_out_episodes > 0'},
    {'name': 'price rose', 'strength': 2, 'holds': 'price_change_7d_pct >= 1'},
    {'name': 'well rated', 'strength': 3, 'holds': 'rating >= 4 and rating_count >= 5'},
    {'name': 'little known', 'strength': 9, 'holds': 'true'},
] %}

with

outlook as (

    select
        *,
        min(first_seen_at) over (partition by marketplace, country) as market_first_seen_at
    from {{ ref('int_trends__outlook') }}

),

trend_drivers as (

    select * from {{ ref('trend_drivers') }}

),

pushes as (

    select
        standings.listing_id,
        standings.signal,
        standings.standing
        * trend_drivers.weight
        * case
            when standings.part = 'price' then {{ var('trend_v2_weight_price') }}
            else {{ var('trend_v2_weight_sales') }}
        end as push
    from {{ ref('int_trends__standings') }} as standings
    inner join trend_drivers on standings.signal = trend_drivers.signal
    where standings.standing > 0

),

reasons as (

    {% for reason in reasons -%}
        select
            outlook.listing_id,
            '{{ reason.name }}' as reason,
            {{ 'pushes.push' if reason.signal else -reason.strength }} as strength,
            {{ texts[reason.name].fr }} as text_fr,
            {{ texts[reason.name].ar }} as text_ar,
            {{ texts[reason.name].en }} as text_en
        from outlook
        {% if reason.signal -%}
            inner join pushes on outlook.listing_id = pushes.listing_id and pushes.signal = '{{ reason.signal }}'
        {% endif -%}
        where {{ reason.holds }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

numbered as (

    select
        *,
        row_number() over (partition by listing_id order by strength desc, reason asc) as place
    from reasons

),

-- Two reasons are read; the ones that only fill a silence stand alone.
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
    where place = 1 or (place = 2 and strength > 0)

)

select * from final
