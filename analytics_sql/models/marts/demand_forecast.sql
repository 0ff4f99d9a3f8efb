{{
    config(
        indexes=[
            {'columns': ['product_id', 'day'], 'unique': true},
        ],
    )
}}

with

forecasts as (

    select * from {{ ref('int_demand__forecast') }}

),

final as (

    select
        product_id,
        day,
        days_ahead,

        cast(expected_units as numeric(12, 3)) as expected_units,
        cast(units as numeric(12, 3)) as units,
        cast(low_50 as numeric(12, 3)) as low_50,
        cast(high_50 as numeric(12, 3)) as high_50,
        cast(low_90 as numeric(12, 3)) as low_90,
        cast(high_90 as numeric(12, 3)) as high_90,

        trained_until,
        weeks_known,
        model,
        model_version

    from forecasts

)

select * from final
