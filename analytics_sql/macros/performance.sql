{# What a group of offers of `int_peers__compared` amounts to: the measures that sellers and brands share. #}
{% macro performance_measures() -%}
    cast(count(*) as integer) as listing_count,
    cast(count(distinct category) as integer) as category_count,
    cast(round(avg(is_available), 4) as numeric(5, 4)) as available_share,
    cast(round(avg(is_discounted), 4) as numeric(5, 4)) as discounted_share,
    cast(
        round(sum(case when rating_count > 0 then rating * rating_count end) / nullif(sum(case when rating is not null then rating_count end), 0), 2)
        as numeric(3, 2)
    ) as rating,
    cast(sum(rating_count) as bigint) as rating_count,
    cast(sum(rating_count_gain_7d) as bigint) as rating_count_gain_7d,
    cast(sum(sold_out_episodes) as bigint) as sold_out_episodes,
    cast(round(cast(percentile_cont(0.5) within group (order by price_dzd) as numeric(18, 4)), 2) as numeric(14, 2)) as median_price_dzd,
    cast(
        least(round(cast(percentile_cont(0.5) within group (order by price_level) as numeric(18, 6)), 4), 9999) as numeric(8, 4)
    ) as price_level,
    max(last_seen_at) as last_seen_at
{%- endmacro %}
