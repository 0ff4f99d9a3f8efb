{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='observation_id',
        on_schema_change='fail',
    )
}}

with

source as (

    select * from {{ source('market', 'observation') }}
    {% if is_incremental() %}
        where id > {{ observation_watermark() }}
    {% endif %}

),

final as (

    select
        id as observation_id,
        listing_id,
        crawl_id,

        currency,
        price_kind,
        availability,

        price,
        old_price,
        rating,
        rating_count,
        stock_left,
        views,
        likes,
        position,

        sponsored,

        observed_at

    from source

)

select * from final
