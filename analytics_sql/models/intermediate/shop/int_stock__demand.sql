with

forecasts as (

    {{ forecast_demand() }}

),

final as (

    select
        product_id,

        cast(count(*) as integer) as days,
        cast(sum(expected_units) as numeric(14, 3)) as expected_units

    from forecasts
    group by 1

)

select * from final
