{{
    config(
        unique_key=['listing_id', 'day'],
        indexes=[
            {'columns': ['listing_id', 'day'], 'unique': true},
        ],
    )
}}

{% set written_until = mart_written_until() %}

with

listing_days as (

    select * from {{ ref('int_listing_days') }}
    {% if written_until is not none -%}
        where batch > {{ written_until }}
    {%- endif %}

),

final as (

    select
        listing_id,
        day,

        currency,
        availability,

        cast(open_price as numeric(14, 2)) as open_price,
        cast(high_price as numeric(14, 2)) as high_price,
        cast(low_price as numeric(14, 2)) as low_price,
        cast(close_price as numeric(14, 2)) as close_price,
        cast(close_price_dzd as numeric(14, 2)) as close_price_dzd,
        cast(low_30d_price as numeric(14, 2)) as low_30d_price,
        case when close_price is not null then reduced_on end as reduced_on,
        case when close_price is not null then cast(prior_price as numeric(14, 2)) end as prior_price,
        cast(rating_count as integer) as rating_count,
        cast(observation_count as integer) as observation_count

    from listing_days

)

select * from final
