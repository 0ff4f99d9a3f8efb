{% set readings = {
    'price_under_week': 'week_log_price - ln(cast(price as double precision))',
    'week_over_median': 'week_log_price - ln(cast(median_30d_price as double precision))',
    'under_median_steadily': 'ln(cast(median_30d_price / price as double precision)) / (price_volatility + 0.03)',
    'rating_surge': surge('ratings_gained_lately', 'ratings_gained', 'days_watched'),
    'stock_surge': surge('units_gone_lately', 'units_gone', 'days_watched'),
    'attention_surge': surge('attention_gained_lately', 'attention_gained', 'days_watched'),
    'position_surge': 'usual_log_position - recent_log_position',
    'back_on_shelf': 'case when is_on_shelf then least(coalesce(days_off_shelf_7d, 0), 5) else 0 end',
    'newness': 'power(0.5, days_since_first / 7)',
    'rating_count_level': 'rating_count',
    'rating_gain_level': 'ratings_gained',
    'position_level': '- usual_log_position',
    'likes_level': 'likes',
    'views_level': 'views',
    'seller_count': 'seller_count',
} %}

with

outlook as (

    select * from {{ ref('int_trends__outlook') }}

),

measured as (

    {% for signal, value in readings.items() -%}
        select
            listing_id,
            '{{ signal }}' as signal,
            cast({{ value }} as double precision) as reading
        from outlook
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        listing_id,
        signal,
        -- Rounded: a sum taken in another order gives the same reading.
        round(cast(reading as numeric(18, 6)), 6) as reading
    from measured
    where reading is not null

)

select * from final
