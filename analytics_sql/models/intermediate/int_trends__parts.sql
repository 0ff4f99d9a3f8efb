with

ranked as (

    select * from {{ ref('int_trends__ranked') }}

),

trend_signals as (

    select * from {{ ref('trend_signals') }}

),

-- A market that shows no likes is not judged by them: weights are shares of what the market shows at all.
market_signals as (

    select distinct
        marketplace,
        country,
        signal
    from ranked

),

market_weights as (

    select
        market_signals.marketplace,
        market_signals.country,
        trend_signals.part,
        sum(trend_signals.weight) as part_weight
    from market_signals
    inner join trend_signals on market_signals.signal = trend_signals.signal
    group by 1, 2, 3

),

final as (

    select
        ranked.listing_id,
        trend_signals.part,
        cast(
            round(sum(ranked.signal_rank * trend_signals.weight) / max(market_weights.part_weight), 4) as numeric(5, 4)
        ) as part_score
    from ranked
    inner join trend_signals on ranked.signal = trend_signals.signal
    inner join market_weights
        on
            ranked.marketplace = market_weights.marketplace
            and ranked.country = market_weights.country
            and trend_signals.part = market_weights.part
    group by 1, 2

)

select * from final
