{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['listing_id', 'day'],
        on_schema_change='fail',
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

numbered as (

    select
        listing_id,
        observed_day,
        observed_at,
        observation_id,
        currency,
        availability,
        price,
        rating_count,
        row_number() over latest as from_last,
        row_number() over latest_priced as from_last_priced
    from observations
    window
        latest as (
            partition by listing_id, observed_day
            order by observed_at desc, observation_id desc
        ),
        latest_priced as (
            partition by listing_id, observed_day
            order by (price is null), observed_at desc, observation_id desc
        )

),

-- Prices of a day are comparable in one currency: that of its last price.
in_one_currency as (

    select
        *,
        max(case when from_last_priced = 1 then currency end)
            over (partition by listing_id, observed_day)
            as day_currency
    from numbered

),

comparable as (

    select
        *,
        case when currency = day_currency then price end as day_price
    from in_one_currency

),

with_opening as (

    select
        *,
        row_number() over (
            partition by listing_id, observed_day
            order by (day_price is null), observed_at, observation_id
        ) as from_first_priced
    from comparable

),

final as (

    select
        listing_id,
        observed_day as day,

        max(day_currency) as currency,
        max(case when from_last = 1 then availability end) as availability,

        max(case when from_first_priced = 1 then day_price end) as open_price,
        max(day_price) as high_price,
        min(day_price) as low_price,
        max(case when from_last = 1 then day_price end) as close_price,
        max(case when from_last = 1 then rating_count end) as rating_count,
        count(*) as observation_count,
        {{ this_batch() }} as batch

    from with_opening
    group by 1, 2

)

select * from final
