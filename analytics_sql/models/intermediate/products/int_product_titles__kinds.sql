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

titles as (

    select titles.*
    from {{ ref('int_product_titles') }} as titles
    {{ only_changed(ref('int_product_titles')) }}

),

product_words as (

    select * from {{ ref('product_words') }}

),

product_brands as (

    select * from {{ ref('product_brands') }}

),

known as (

    select
        (
            select list(word) from product_words
            where role = 'accessory'
        ) as accessories,
        (
            select list(word) from product_brands
            where line_of = 'phone'
        ) as phone_lines,
        (
            select list(word) from product_brands
            where line_of = 'computer'
        ) as computer_lines

),

signs as (

    select
        titles.*,
        regexp_extract_all(titles.wording, '[a-z0-9]+') as words,
        regexp_matches(
            titles.wording, '\b(i[3579][- ]|i[3579]\b|ryzen|celeron|core ultra|m[1-4] ?(chip|pro|max)?\b.*\bram\b)'
        )
            as names_processor,
        regexp_matches(titles.wording, '\b\d{1,4} ?(gb|go\b)|\b\d{1,2}/(64|128|256|512)\b') as names_memory,
        regexp_matches(titles.wording, '\b(dual|single|triple|tripple)[ -]*sim|\bsmartphone\b') as names_sim,
        known.accessories,
        known.phone_lines,
        known.computer_lines
    from titles
    cross join known

),

placed as (

    select
        *,
        list_min(list_transform(list_intersect(words, phone_lines), lambda w: list_position(words, w)))
            as phone_line_at,
        list_min(list_transform(list_intersect(words, computer_lines), lambda w: list_position(words, w)))
            as computer_line_at,
        list_min(list_transform(list_intersect(words, accessories), lambda w: list_position(words, w))) as accessory_at,
        list_position(
            words,
            list_filter(
                words, lambda w: regexp_matches(w, '^(i[3579]|ryzen|celeron|smartphone|sim|dualsim|\d+(gb|go))$')
            )[1]
        ) as specification_at,
        list_min(
            list_transform(
                list_intersect(words, ['for', 'pour', 'compatible']), lambda w: list_position(words, w)
            )
        ) as for_at
    from signs

),

final as (

    select
        listing_id,
        title,
        brand,
        vocabulary,
        wording,
        offered,
        brand_wording,

        case
            when least(accessory_at, for_at) < coalesce(least(phone_line_at, computer_line_at, specification_at), 999)
                then 'other'
            when names_processor or (computer_line_at is not null and names_memory) then 'computer'
            when names_sim or (names_memory and accessory_at is null) then 'phone'
            when (phone_line_at is not null or names_memory) and (accessory_at is null or names_memory) then 'phone'
            when computer_line_at is not null and accessory_at is null then 'computer'
            else 'other'
        end as kind

    from placed

)

select * from final
