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
        cast(least(floor(4 * days.part), 3) as integer) as quarter,
        levels.gain_per_day,
        case when days.rating_gain is not null then levels.gain_per_day * days.days_since end as expected_gain
    from days
    inner join levels
        on
            days.marketplace = levels.marketplace
            and days.country = levels.country
            and days.step = levels.step

),

-- Departments differ in how much they sell, and in how much less the last sell than the first.
departments as (

    select
        marketplace,
        country,
        department,
        (coalesce(sum(rating_gain), 0) + {{ var('rank_department_evidence') }})
        / (coalesce(sum(expected_gain), 0) + {{ var('rank_department_evidence') }}) as scale
    from expected
    group by 1, 2, 3

),

quarters as (

    select
        expected.marketplace,
        expected.country,
        expected.department,
        expected.quarter,
        min(departments.scale)
        * (coalesce(sum(expected.rating_gain), 0) + {{ var('rank_quarter_evidence') }})
        / (coalesce(sum(expected.expected_gain * departments.scale), 0) + {{ var('rank_quarter_evidence') }}) as scale
    from expected
    inner join departments
        on
            expected.marketplace = departments.marketplace
            and expected.country = departments.country
            and expected.department = departments.department
    group by 1, 2, 3, 4

),

final as (

    select
        expected.listing_id,
        expected.day,
        expected.age_days,
        expected.gain_per_day,
        quarters.scale,
        expected.rating_gain,
        expected.days_since,
        -- What a discount sold is not sold at the usual price.
        least(
            {{ most }},
            greatest(
                1.0 / {{ most }}, power(coalesce(expected.price_level, 1), {{ var('rank_price_elasticity') }})
            )
        ) as price_factor
    from expected
    inner join quarters
        on
            expected.marketplace = quarters.marketplace
            and expected.country = quarters.country
            and expected.department = quarters.department
            and expected.quarter = quarters.quarter

)

select * from final
