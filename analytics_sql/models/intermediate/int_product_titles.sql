{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='listing_id',
        on_schema_change='fail',
    )
}}

with

listings as (

    select * from {{ ref('stg_listings') }}

),

-- The words of a title change what it is; nothing else of a listing does.
changed as (

    select
        listing_id,
        title,
        brand
    from listings
    {% if is_incremental() %}
        except
        select
            listing_id,
            title,
            brand
        from {{ this }}
    {% endif %}

),

worded as (

    select
        *,
        {{ worded("title") }} as wording,
        nullif({{ worded("brand") }}, 'generic') as brand_wording
    from changed

),

final as (

    select
        listing_id,
        title,
        brand,
        wording,
        brand_wording,

        -- What comes free with it is not it.
        regexp_replace(
            wording,
            '^(.{8,}?)(\+|\bplus\b|\bwith\b|\bavec\b|\bet\b|&|\band\b|//|=|,|-) ?(\d+ )?'
            || '(free|gifts?|freebies|cadeaux?|bonus|(wall|tv) ?(bracket|hanger|mount)|support mural)\b.*$',
            '\1'
        ) as offered

    from worded

)

select * from final
