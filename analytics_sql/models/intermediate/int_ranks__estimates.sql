{%- set most = var('rank_price_factor_most') -%}

with

days as (

    select * from {{ ref('int_ranks__days') }}

),

levels as (

    select * from {{ ref('int_ranks__levels') }}

),

expected as (

    select
        days.*,
        levels.gain_per_day,
        case when days.rating_gain is not null then levels.gain_per_day * days.days_since end as expected_gain
    from days
    inner join levels
        on
            days.marketplace = levels.marketplace
            and days.country = levels.country
            and days.step = levels.step

),

-- The first of a large department sells more than the first of a small one.
scales as (

    select
        marketplace,
        country,
        department,
        (coalesce(sum(rating_gain), 0) + {{ var('rank_department_evidence') }})
        / (coalesce(sum(expected_gain), 0) + {{ var('rank_department_evidence') }}) as scale
    from expected
    group by 1, 2, 3

),

final as (

    select
        expected.listing_id,
        expected.day,
        expected.age_days,
        expected.gain_per_day,
        scales.scale,
        -- What a discount sold is not sold at the usual price.
        least(
            {{ most }},
            greatest(
                1.0 / {{ most }}, power(coalesce(expected.price_level, 1), {{ var('rank_price_elasticity') }})
            )
        ) as price_factor
    from expected
    inner join scales
        on
            expected.marketplace = scales.marketplace
            and expected.country = scales.country
            and expected.department = scales.department

)

select * from final
