{% set week_share = '1.0 * ' ~ var('trend_window_days') ~ ' / ' ~ var('trend_horizon_days') %}

{% set signals = {
    'rating_pace':
        '(greatest(rating_count_gain_7d, 0) - rating_count_gain_30d * ' ~ week_share ~ ') / (rating_count_gain_30d + 4)',
    'stock_velocity': 'stock_velocity',
    'sold_out_episodes': 'sold_out_episodes',
    'position_gain': 'ln(cast(nullif(baseline_position, 0) as double precision) / nullif(position, 0))',
    'position_level': '1.0 / nullif(position, 0)',
    'below_median': 'ln(cast(median_30d_price / price as double precision))',
    'price_drop': '- price_change_7d_pct / 100',
    'discount': 'case when old_price > 0 then greatest(1 - price / old_price, 0) end',
    'rating_count_level': 'rating_count',
    'rating_quality': '(rating * rating_count + 3.8 * 10) / (rating_count + 10)',
    'likes_level': 'likes',
    'views_level': 'views',
    'attention_velocity':
        'coalesce(likes_velocity + views_velocity / 10, likes_velocity, views_velocity / 10)',
} %}

with

evidence as (

    select * from {{ ref('int_trends__evidence') }}

),

measured as (

    {% for signal, value in signals.items() -%}
        select
            listing_id,
            '{{ signal }}' as signal,
            cast({{ value }} as double precision) as signal_value
        from evidence
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        listing_id,
        signal,
        -- Rounded: a sum taken in another order gives the same rank.
        round(cast(signal_value as numeric(18, 6)), 6) as signal_value
    from measured
    where signal_value is not null

)

select * from final
