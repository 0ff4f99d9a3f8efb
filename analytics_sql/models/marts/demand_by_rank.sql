{{
    config(
        indexes=[
            {'columns': ['listing_id'], 'unique': true},
        ],
    )
}}

with

estimates as (

    select * from {{ ref('int_ranks__estimates') }}

),

listings as (

    select * from {{ ref('stg_listings') }}

),

-- Exact numbers, so that sums taken in another order are the same sums.
weighed as (

    select
        listing_id,
        day,
        cast(gain_per_day * scale * price_factor as numeric(18, 9)) as rating_gain,
        cast(power(0.5, 1.0 * age_days / {{ var('rank_half_life_days') }}) as numeric(8, 7)) as weight
    from estimates

),

averaged as (

    select
        listing_id,
        sum(weight * rating_gain) / sum(weight) as rating_gain,
        count(*) as ranked_days,
        max(day) as last_ranked_on
    from weighed
    group by 1

),

final as (

    select
        listings.listing_id,

        listings.marketplace,
        listings.country,

        cast(round(cast(averaged.rating_gain as numeric(18, 9)), 4) as numeric(12, 4)) as expected_rating_gain_per_day,
        cast(averaged.ranked_days as integer) as ranked_days,
        averaged.last_ranked_on

    from averaged
    inner join listings on averaged.listing_id = listings.listing_id

)

select * from final
