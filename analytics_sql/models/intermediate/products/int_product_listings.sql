with

listings as (

    select * from {{ ref('stg_listings') }}

),

excluded as (

    select * from {{ ref('int_listings__excluded') }}

),

-- Two flats for sale in the same words are two flats.
attributes as (

    select attributes.*
    from {{ ref('int_product_titles__attributes') }} as attributes
    semi join listings on attributes.listing_id = listings.listing_id
    anti join excluded on attributes.listing_id = excluded.listing_id

),

-- A title that has lost its last word leaves its old ones behind.
words as (

    select words.*
    from {{ ref('int_product_titles__words') }} as words
    semi join attributes on words.listing_id = attributes.listing_id and words.title = attributes.title

),

titles as (

    select * from {{ ref('int_product_titles') }}

),

product_brands as (

    select * from {{ ref('product_brands') }}

),

-- A phone's or computer's name ends at its first specification; what stands after it is talk.
name_parts as (

    select
        listing_id,
        min(part_number) as part_number
    from words
    where kind <> 'other' and (role in ('word', 'model', 'variant') or is_line)
    group by 1

),

naming as (

    select words.*
    from words
    left join name_parts on words.listing_id = name_parts.listing_id
    where words.kind = 'other' or words.part_number = name_parts.part_number

),

branded as (

    select
        listing_id,
        first(brand_named order by is_line desc, part_number asc, place asc) as brand_named
    from words
    where brand_named is not null and (is_line or role = 'brand')
    group by 1

),

named as (

    select
        listing_id,
        list_sort(list_distinct(list(stem) filter (where role = 'model'))) as models,
        list_sort(list_distinct(list(stem) filter (where role in ('variant', 'variety')))) as varieties,
        list_sort(list_distinct(list(stem) filter (where role = 'colour'))) as colours,
        list_sort(
            list_distinct(list(stem) filter (where role in ('word', 'kind', 'accessory') or is_line))
        ) as names,
        list_sort(list_distinct(list(stem) filter (where role in ('word', 'kind') and stem <= 'zzzz'))) as latin_names
    from naming
    group by 1

),

described as (

    select
        attributes.*,
        coalesce(
            branded.brand_named,
            listed_brands.brand,
            titles.brand_wording
        ) as maker,
        coalesce(named.models, []) as models,
        -- Colours tell a lemon soap from a rose one, and no phone from another.
        case
            when coalesce(attributes.grams, attributes.millilitres) is not null
                then list_sort(list_concat(coalesce(named.varieties, []), coalesce(named.colours, [])))
            else coalesce(named.varieties, [])
        end as varieties,
        -- Who names it in two scripts says it twice.
        case
            when len(named.latin_names) >= 2
                then list_filter(coalesce(named.names, []), lambda word: word <= 'zzzz')  -- noqa: RF02
            else coalesce(named.names, [])
        end as names
    from attributes
    inner join titles on attributes.listing_id = titles.listing_id
    left join named on attributes.listing_id = named.listing_id
    left join branded on attributes.listing_id = branded.listing_id
    left join product_brands as listed_brands on titles.brand_wording = listed_brands.word

),

tidied as (

    select
        * replace (
            -- "Elite EliteBook" is an EliteBook.
            list_filter(
                names,
                lambda word: length(word) < 3
                or len(list_filter(names, lambda other: other <> word and starts_with(other, word))) = 0
            ) as names
        )
    from described

),

final as (

    select
        *,
        md5(
            concat_ws(
                '|', kind, coalesce(maker, '-'), models, varieties, names, coalesce(storage_gb, 0), coalesce(ram_gb, 0),
                coalesce(inches, 0),
                coalesce(processor, '-'),
                coalesce(processor_generation, 0),
                coalesce(graphics, '-'),
                coalesce(year, 0), coalesce(network, '-'), coalesce(condition, '-'), coalesce(millilitres, []),
                coalesce(grams, []), coalesce(packs, []), coalesce(contents, []), coalesce(ratings, [])
            )
        ) as signature
    from tidied

)

select * from final
