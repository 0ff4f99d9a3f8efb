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
        cast(gain_per_day * scale * price_factor as numeric(18, 9)) as expected_gain,
        cast(rating_gain * price_factor as numeric(18, 9)) as own_gain,
        case when rating_gain is not null then days_since end as own_days,
        cast(power(0.5, 1.0 * age_days / {{ var('rank_half_life_days') }}) as numeric(8, 7)) as weight
    from estimates

),

averaged as (

    select
        listing_id,
        sum(weight * expected_gain) / sum(weight) as expected_gain,
        coalesce(sum(weight * own_gain), 0) as own_gain,
        coalesce(sum(weight * own_days), 0) as own_days,
        count(*) as ranked_days,
        max(day) as last_ranked_on
    from weighed
    group by 1

),

-- What the places say weighs as much as so many ratings of its own.
believed as (

    select
        *,
        case
            when expected_gain > 0
                then
                    ({{ var('rank_own_evidence') }} + own_gain)
                    / ({{ var('rank_own_evidence') }} / expected_gain + own_days)
            else 0
        end as rating_gain
    from averaged

),

final as (

    select
        listings.listing_id,

        listings.marketplace,
        listings.country,

        cast(round(cast(believed.rating_gain as numeric(18, 9)), 4) as numeric(12, 4)) as expected_rating_gain_per_day,
        cast(believed.ranked_days as integer) as ranked_days,
        believed.last_ranked_on

    from believed
    inner join listings on believed.listing_id = listings.listing_id

)

select * from final
