{{ config(materialized='view') }}

with

observations as (

    select * from {{ ref('int_observations__filled') }}

),

final as (

    select
        observation_id,
        listing_id,

        currency,
        availability,
        availability_before,
        price is null and availability = 'out_of_stock' as is_gone,
        price_before is null and availability_before = 'out_of_stock' as was_gone,

        price,
        -- A price in another currency is no price to compare with.
        case when currency_before = currency then price_before end as price_before,

        observed_at,
        observed_before_at

    from observations

)

select * from final
