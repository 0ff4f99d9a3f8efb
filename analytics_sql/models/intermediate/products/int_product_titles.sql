{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='listing_id',
        on_schema_change='fail',
        post_hook='{{ keep_fingerprint() }}',
    )
}}

with

listings as (

    select * from {{ ref('stg_listings') }}

),

product_words as (

    select * from {{ ref('product_words') }}

),

product_brands as (

    select * from {{ ref('product_brands') }}

),

-- A seed that was changed makes every title be read anew.
vocabularies as (

    select md5(string_agg(line, ';' order by line)) as vocabulary
    from (
        select concat_ws(',', 'word', word, role, means) as line from product_words
        union all
        select concat_ws(',', 'brand', word, brand, line_of) as line from product_brands
    ) as lines

),

-- The words of a title change what it is; nothing else of a listing does.
changed as (

    select
        listings.listing_id,
        listings.title,
        listings.brand,
        vocabularies.vocabulary
    from listings
    cross join vocabularies
    {% if is_incremental() %}
        except
        select
            listing_id,
            title,
            brand,
            vocabulary
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
        vocabulary,
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
