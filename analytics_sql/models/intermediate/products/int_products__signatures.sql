with

listings as (

    select * from {{ ref('int_product_listings') }}

),

final as (

    select
        signature,
        any_value(kind) as kind,
        any_value(maker) as maker,
        any_value(models) as models,
        any_value(varieties) as varieties,
        any_value(names) as names,
        any_value(storage_gb) as storage_gb,
        any_value(ram_gb) as ram_gb,
        any_value(inches) as inches,
        any_value(processor) as processor,
        any_value(processor_generation) as processor_generation,
        any_value(graphics) as graphics,
        any_value(year) as year,
        any_value(network) as network,
        any_value(condition) as condition,
        any_value(millilitres) as millilitres,
        any_value(grams) as grams,
        any_value(packs) as packs,
        any_value(contents) as contents,
        any_value(ratings) as ratings,
        count(*) as listing_count,
        len(any_value(models)) + len(any_value(names)) + len(any_value(varieties)) as word_count
    from listings
    group by 1

),

-- Nothing is known of a title without a single word; it is nobody's equal.
worded as (

    select * from final
    where word_count > 0

)

select * from worded
