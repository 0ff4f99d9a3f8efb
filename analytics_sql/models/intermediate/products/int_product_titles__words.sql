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

kinds as (

    select kinds.*
    from {{ ref('int_product_titles__kinds') }} as kinds
    {{ only_changed(ref('int_product_titles__kinds')) }}

),

product_words as (

    select * from {{ ref('product_words') }}

),

product_brands as (

    select * from {{ ref('product_brands') }}

),

-- A bar stands where a number was read as an attribute.
barred as (

    select
        listing_id,
        title,
        brand,
        vocabulary,
        kind,
        case
            when kind = 'other' then {{ replaced("offered", barred(measures())) }}
            else {{ replaced(
                "regexp_replace(offered, '^(.{8,}?)[+] ?[a-z]{2}.*$', '\\1')",
                barred(device_specifications()) + [['\\b(\\d{1,2}) ([b-z])\\b', '\\1\\2']]
            ) }}
        end as wording
    from kinds

),

parts as (

    select
        *,
        unnest(string_split(wording, '|')) as part,
        generate_subscripts(string_split(wording, '|'), 1) as part_number
    from barred

),

words as (

    select
        listing_id,
        title,
        brand,
        vocabulary,
        kind,
        part_number,
        unnest(regexp_extract_all(part, '[a-z0-9]+|[ء-ي]+')) as word,
        generate_subscripts(regexp_extract_all(part, '[a-z0-9]+|[ء-ي]+'), 1) as place
    from parts

),

known as (

    select
        words.*,
        product_brands.brand as brand_named,
        product_brands.word <> product_brands.brand and product_brands.line_of is not null as is_line,
        product_words.means,
        case
            when words.kind <> 'other' and product_words.role in ('kind', 'variety', 'accessory') then 'word'
            when words.kind = 'other' and product_words.role = 'variant' then 'variety'
            when product_words.role is not null then product_words.role
            when regexp_matches(words.word, '[0-9]') then 'model'
            when product_brands.word is not null then 'brand'
            else 'word'
        end as role
    from words
    left join product_words on words.word = product_words.word
    left join product_brands on words.word = product_brands.word
    where words.word not in ('x', 's')

),

final as (

    select
        listing_id,
        title,
        brand,
        vocabulary,
        kind,
        part_number,
        place,
        word,
        role,
        brand_named,
        coalesce(is_line, false) as is_line,
        case
            when role = 'model' then coalesce(nullif(ltrim(word, '0'), ''), '0')
            when means is not null then means
            when kind <> 'other' or length(word) < 5 then word
            -- One form for singular and plural, masculine and feminine.
            else regexp_replace(regexp_replace(regexp_replace(word, '[sx]$', ''), 'e$', ''), '(l|n|t)(l|n|t)$', '\1')
        end as stem
    from known

)

select * from final
