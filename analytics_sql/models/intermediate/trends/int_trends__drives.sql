with

standings as (

    select * from {{ ref('int_trends__standings') }}

),

trend_drivers as (

    select * from {{ ref('trend_drivers') }}

),

-- A market that shows no likes is not judged by them: weights are shares of what the market shows at all.
market_signals as (

    select distinct
        marketplace,
        country,
        signal,
        part
    from standings

),

market_weights as (

    select
        market_signals.marketplace,
        market_signals.country,
        market_signals.part,
        sum(trend_drivers.weight) as part_weight
    from market_signals
    inner join trend_drivers on market_signals.signal = trend_drivers.signal
    group by 1, 2, 3

),

final as (

    select
        standings.listing_id,
        standings.part,
        cast(
            round(sum(standings.standing * trend_drivers.weight) / max(market_weights.part_weight), 6) as numeric(7, 6)
        ) as drive
    from standings
    inner join trend_drivers on standings.signal = trend_drivers.signal
    inner join market_weights
        on
            standings.marketplace = market_weights.marketplace
            and standings.country = market_weights.country
            and standings.part = market_weights.part
    group by 1, 2

)

select * from final
