with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

observations as (

    select * from {{ ref('int_observations__filled') }}

),

-- The newest observation from before the window; for a younger listing its first one.
chosen as (

    select
        observations.listing_id,
        max(
            case
                when observations.observed_at <= candidates.window_start then observations.observation_number
                else 1
            end
        ) as observation_number
    from candidates
    inner join observations on candidates.listing_id = observations.listing_id
    group by 1

),

final as (

    select
        observations.listing_id,

        observations.currency,

        observations.price,
        observations.rating_count,
        observations.position,
        least(
            {{ var('trend_window_days') }},
            greatest(1, cast(ceil({{ days_between("observations.observed_at", "candidates.market_now") }}) as integer))
        ) as window_days,

        observations.observed_at

    from chosen
    inner join observations
        on
            chosen.listing_id = observations.listing_id
            and chosen.observation_number = observations.observation_number
    inner join candidates on chosen.listing_id = candidates.listing_id

)

select * from final
