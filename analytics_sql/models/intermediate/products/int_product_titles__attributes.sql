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

-- A graphics card's memory is not the computer's.
own as (

    select
        *,
        regexp_replace(
            regexp_replace(offered, '\b\d{1,2} ?gb\)? ?(nvidia|rtx|gtx|geforce|radeon)\b', ' \1 ', 'g'),
            '\b(rtx|gtx) ?(\d{4})( ?ti)? ?(?:\(? ?\d{1,2} ?gb ?\)|[2346] ?gb\b)', ' \1 \2\3 ', 'g'
        ) as specified
    from kinds

),

found as (

    select
        *,

        flatten([
            {{ numbers_of("specified", "(?:gb)+b?|b|go|giga|ssd|hdd|nvme") }},
            -- 2g to 5g are networks.
            list_filter({{ numbers_of("specified", "g") }}, lambda gb: gb >= 6),
            {{ numbers_of("specified", "g ?ram|g ?[+]") }},
            list_transform(regexp_extract_all(specified, '[+/] ?(\d)g\b', 1), lambda number: cast(number as double)),
            {{ numbers_of("specified", "tb|to", 1024) }},
            {{ numbers_of("specified", "mb", "1.0 / 1024") }},
            list_transform(
                flatten(
                    [
                        regexp_extract_all(specified, '\b(\d{1,2}) ?[/+] ?(?:16|32|64|128|256|512)(?:gb|go)?\b', 1),
                        regexp_extract_all(specified, '\b\d{1,2} ?[/+] ?(16|32|64|128|256|512)\b', 1)
                    ]
                ),
                lambda number: cast(number as double)
            )
        ]) as gigabytes,
        regexp_matches(specified, '\b\d{1,2} ?(gb?|go)?[ -]?ram\b|\bram ?:?-? ?\d') as names_ram,
        regexp_matches(specified, '\b(rom|ssd|hdd|nvme|emmc|storage|stockage)\b') as names_storage,

        flatten([
            {{ numbers_of("offered", "ml") }},
            {{ numbers_of("offered", "cl", 10) }},
            {{ numbers_of("offered", "l|lt|ltr|litres?|liters?", 1000) }}
        ]) as millilitres,
        flatten([
            {{ numbers_of("offered", "mg", 0.001) }},
            {{ numbers_of("offered", "g|gr|grs|gm|grammes?|grams?") }},
            {{ numbers_of("offered", "kg|kgs|kilos?", 1000) }}
        ]) as grams,
        list_transform(
            flatten(
                [
                    regexp_extract_all(
                        offered, '\b(?:pack|lot|set|carton|boite|paquet|fardeau)s? ?-? ?(?:of|de|d)? ?(\d{1,3})\b', 1
                    ),
                    regexp_extract_all(
                        offered, '\b(\d{1,4}) ?-? ?(?:pcs?|pieces?|packs?|unites?|units?|paires?|pairs?)\b', 1
                    ),
                    regexp_extract_all(offered, '\bx ?(\d{1,4})\b', 1),
                    regexp_extract_all(offered, '\b(\d{1,4}) ?x\b', 1)
                ]
            ),
            lambda number: cast(number as integer)
        ) as counts,
        {{ numbers_of("offered", "capsules?|sachets?|sticks?|tablets?|comprimes?") }} as contents,
        regexp_extract_all(
            regexp_replace(
                regexp_replace(
                    regexp_replace(offered, '(\d) ?-? ?(w|mah|mbps|btu|hz|gb|tb|v|cm|m)(atts?|olts?)?\b', '\1\2', 'g'),
                    '(\d) ?go\b', '\1gb', 'g'
                ),
                '(\d) ?to\b', '\1tb', 'g'
            ),
            '\b\d+(?:\.\d+)?(?:w|mah|mbps|btu|hz|gb|tb|v|cm|m)\b'
        )
        || regexp_extract_all(offered, '[-,/(] ?(x{0,3}[sl]|m|[2-5]xl)\)?$', 1) as ratings,
        cast(
            nullif(
                regexp_extract(offered, '\b(\d{1,3}(?:\.\d{1,2})?) ?-? ?(?:"|inche?s?\b|pouces?\b)', 1), ''
            ) as double
        ) as inches,

        regexp_replace(
            regexp_extract(offered, '\b(i[3579]|ryzen ?\d|celeron|pentium|athlon|ultra [579]|m[1-4])\b', 1),
            ' ',
            '',
            'g'
        ) as processor,
        regexp_extract(offered, '\bi[3579][ -]*(\d{3,5})', 1) as processor_number,
        cast(
            nullif(
                regexp_extract(offered, '\b(\d{1,2}) ?(?:th|rd|nd|eme|ieme|e)\b ?-?(?:gen|[^a-z]|$)', 1), ''
            ) as integer
        ) as named_generation,
        regexp_extract(offered, '\b((?:rtx|gtx) ?\d{3,4})\b', 1) as graphics,
        cast(nullif(regexp_extract(offered, '\b(20[012]\d)\b', 1), '') as integer) as year

    from own

),

sized as (

    select
        *,
        list_sort(list_distinct(list_filter(gigabytes, lambda gb: gb >= 0.25)))
            as sizes
    from found

),

final as (

    select
        listing_id,
        title,
        brand,
        vocabulary,
        kind,

        -- Sellers mix up the words RAM and ROM; storage is the larger number.
        case
            when kind = 'other' then null
            when len(sizes) > 1 and sizes[-1] >= 4 then sizes[-1]
            when sizes[1] >= 32 or (sizes[1] >= 8 and not names_ram) then sizes[1]
        end as storage_gb,
        case
            when kind = 'other' then null
            when len(sizes) > 1 and sizes[-1] >= 4 and sizes[1] <= 64 then sizes[1]
            when sizes[1] <= 16 and names_ram then sizes[1]
        end as ram_gb,
        case
            when kind = 'computer' then floor(inches)
            when kind = 'other' then round(inches)
        end as inches,
        case when kind = 'computer' then nullif(processor, '') end as processor,
        case
            when kind <> 'computer' then null
            when processor_number like '1____' or processor_number like '1___'
                then cast(left(processor_number, 2) as integer)
            when processor_number <> '' then cast(left(processor_number, 1) as integer)
            when named_generation between 2 and 15 then named_generation
        end as processor_generation,
        case when kind = 'computer' then nullif(replace(graphics, ' ', ''), '') end as graphics,
        case when kind <> 'other' then year end as year,
        case
            when kind = 'phone' and regexp_matches(offered, '\b5g\b') then '5g'
            when kind = 'phone' and regexp_matches(offered, '\b4g\b|\blte\b') then '4g'
        end as network,
        case
            when regexp_matches(wording, '\b(reconditionnee?s?|refurbished|renewed|used|occasion)\b|مستعمل|مجدد')
                then 'used'
            when regexp_matches(wording, '\b(neuf|neuve|new|brand new|sous blister|cachetee?)\b|جديد') then 'new'
        end as condition,

        case when kind = 'other' then {{ distinct_sorted("millilitres") }} end as millilitres,
        case
            when kind = 'other' then {{ distinct_sorted("list_filter(grams, lambda g: g not in (3, 4, 5))") }}
        end as grams,
        case
            when kind = 'other' then {{ distinct_sorted("list_filter(counts, lambda count: count > 1)") }}
        end as packs,
        case when kind = 'other' then {{ distinct_sorted("contents") }} end as contents,
        case when kind = 'other' then {{ distinct_sorted("ratings") }} end as ratings

    from sized

)

select * from final
