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
        lag(availability) over history as availability_before,
        price is null and availability = 'out_of_stock' as is_gone,
        lag(price is null and availability = 'out_of_stock') over history as was_gone,

        price,
        -- A price in another currency is no price to compare with.
        case when lag(currency) over history = currency then lag(price) over history end as price_before,

        observed_at,
        lag(observed_at) over history as observed_before_at

    from observations
    window history as (partition by listing_id order by observed_at, observation_id)

)

select * from final
