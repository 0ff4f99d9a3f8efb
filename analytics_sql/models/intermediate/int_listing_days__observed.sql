{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['listing_id', 'day'],
        on_schema_change='fail',
        post_hook='{{ keep_fingerprint() }}',
    )
}}

with

{% if is_incremental() -%}
    fresh as (

        select distinct
            listing_id,
            observed_day
        from {{ ref('int_observations__filled') }}
        where batch > {{ batch_seen() }}

    ),

{% endif -%}

observations as (

    select observations.*
    from {{ ref('int_observations__filled') }} as observations
    {% if is_incremental() -%}
        inner join fresh
            on observations.listing_id = fresh.listing_id and observations.observed_day = fresh.observed_day
    {%- endif %}

),

of_days as (

    select
        listing_id,
        observed_day,
        observation_number,
        currency,
        price,
        -- Prices of a day are comparable in one currency: that of its last price.
        {{ last_known("case when price is not null then currency end", "whole_day") }} as day_currency,
        last_value(price) over whole_day as close_price,
        last_value(availability) over whole_day as last_availability,
        last_value(rating_count) over whole_day as last_rating_count
    from observations
    window whole_day as (
        partition by listing_id, observed_day
        order by observation_number
        rows between unbounded preceding and unbounded following
    )

),

comparable as (

    select
        *,
        case when currency = day_currency then price end as day_price
    from of_days

),

final as (

    select
        listing_id,
        observed_day as day,

        max(day_currency) as currency,
        max(last_availability) as availability,

        {{ first_known("day_price", "observation_number") }} as open_price,
        max(day_price) as high_price,
        min(day_price) as low_price,
        max(close_price) as close_price,
        max(last_rating_count) as rating_count,
        count(*) as observation_count,
        {{ this_batch() }} as batch

    from comparable
    group by 1, 2

)

select * from final
