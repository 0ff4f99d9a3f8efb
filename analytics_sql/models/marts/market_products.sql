{{
    config(
        indexes=[
            {'columns': ['product_id'], 'unique': true},
            {'columns': ['title gin_trgm_ops'], 'type': 'gin'},
            {'columns': ['brand']},
            {'columns': ['listing_count desc']},
        ],
    )
}}

with

offers as (

    select * from {{ ref('int_products__offers') }}

),

named as (

    select
        product_id,
        title,
        concat_ws(' ', maker, array_to_string(list_concat(names, models, varieties), ' ')) as normalised_title,
        department,
        category,
        image_url
    from offers
    where title_rank = 1

),

-- What one offer says and another does not is known of both.
described as (

    select
        product_id,

        max(kind) as kind,
        max(maker) as brand,
        nullif(max(array_to_string(models, ' ')), '') as model_numbers,
        nullif(max(array_to_string(varieties, ' ')), '') as variant,
        max(storage_gb) as storage_gb,
        max(ram_gb) as ram_gb,
        max(inches) as screen_inches,
        max(processor) as processor,
        max(case when len(millilitres) = 1 then millilitres[1] end) as volume_ml,
        max(case when len(grams) = 1 then grams[1] end) as weight_g,
        max(case when len(packs) = 1 then packs[1] end) as pack_count,
        -- "used" comes after "new".
        max(condition) as condition,

        count(*) as listing_count,
        count(*) filter (where is_available) as available_count,
        count(distinct marketplace || ' ' || country) as market_count,
        string_agg(distinct marketplace || ' ' || country, ', ' order by marketplace || ' ' || country) as markets,

        min(price_dzd) filter (where is_available) as lowest_price_dzd,
        median(price_dzd) filter (where is_available) as median_price_dzd,
        max(price_dzd) filter (where is_available) as highest_price_dzd,
        max(listing_id) filter (where price_rank = 1) as cheapest_listing_id,

        bool_or(is_resellable) as is_resellable,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from offers
    group by 1

),

final as (

    select
        described.product_id,

        named.title,
        nullif(named.normalised_title, '') as normalised_title,
        coalesce(described.kind, 'other') as kind,
        described.brand,
        described.model_numbers,
        described.variant,
        cast(described.storage_gb as numeric(9, 3)) as storage_gb,
        cast(described.ram_gb as numeric(9, 3)) as ram_gb,
        cast(described.screen_inches as integer) as screen_inches,
        described.processor,
        cast(described.volume_ml as numeric(14, 3)) as volume_ml,
        cast(described.weight_g as numeric(14, 3)) as weight_g,
        cast(described.pack_count as integer) as pack_count,
        described.condition,
        named.department,
        named.category,
        named.image_url,

        cast(described.listing_count as integer) as listing_count,
        cast(described.available_count as integer) as available_count,
        cast(described.market_count as integer) as market_count,
        described.markets,

        cast(described.lowest_price_dzd as numeric(14, 2)) as lowest_price_dzd,
        cast(described.median_price_dzd as numeric(14, 2)) as median_price_dzd,
        cast(described.highest_price_dzd as numeric(14, 2)) as highest_price_dzd,
        cast(
            case
                -- Of a null and a number, least() is the number.
                when described.lowest_price_dzd > 0
                    then least(
                        round(100.0 * (described.highest_price_dzd / described.lowest_price_dzd - 1), 2), 99999.99
                    )
            end as numeric(7, 2)
        ) as price_spread_pct,
        described.cheapest_listing_id,

        described.is_resellable,
        described.first_seen_at,
        described.last_seen_at

    from described
    inner join named on described.product_id = named.product_id

)

select * from final
