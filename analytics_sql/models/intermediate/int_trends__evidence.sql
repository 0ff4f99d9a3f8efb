with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

baselines as (

    select * from {{ ref('int_trends__baselines') }}

),

movements as (

    select * from {{ ref('int_trends__movements') }}

),

joined as (

    select
        candidates.*,
        baselines.window_days,
        baselines.price as baseline_price,
        baselines.currency as baseline_currency,
        baselines.position as baseline_position,
        -- Of a single observation nobody knows how it moved.
        case when candidates.observation_count > 1 then candidates.rating_count - baselines.rating_count end
            as rating_count_gain_7d,
        movements.rating_count_gain_30d,
        movements.stock_velocity,
        movements.likes_velocity,
        movements.views_velocity,
        coalesce(movements.sold_out_episodes, 0) as sold_out_episodes,
        {{ days_between("candidates.first_observed_at", "candidates.last_seen_at") }} as days_known
    from candidates
    inner join baselines on candidates.listing_id = baselines.listing_id
    left join movements on candidates.listing_id = movements.listing_id

),

final as (

    select
        *,

        -- A price that was mistyped by a factor of a million still has to fit the mart's numeric(7,2).
        case
            when currency = baseline_currency and observation_count > 1
                then cast(round(least(100.0 * (price / baseline_price - 1), 99999.99), 2) as numeric(7, 2))
        end as price_change_7d_pct,

        -- Each kind of evidence counts half at 5 observations, 5 days, 20 ratings, and never quite fully.
        cast(
            round(
                0.35 * observation_count / (observation_count + 5.0)
                + 0.40 * cast(days_known as numeric(12, 4)) / (cast(days_known as numeric(12, 4)) + 5.0)
                + 0.25 * coalesce(rating_count, 0) / (coalesce(rating_count, 0) + 20.0),
                3
            ) as numeric(4, 3)
        ) as confidence

    from joined

)

select * from final
