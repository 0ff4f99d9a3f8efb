{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        post_hook='{{ keep_fingerprint() }}',
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

        observed_at,
        {{ this_batch() }} as batch

    from source
    {% if is_incremental() %}
        -- The log is append only: what is stored is read again only to find what was committed late.
        where
            id not in (
                select stored.observation_id from {{ this }} as stored
                where stored.observation_id > {{ observation_watermark() }}
            )
    {% endif %}

)

select * from final
