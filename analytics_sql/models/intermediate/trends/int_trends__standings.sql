with

readings as (

    select * from {{ ref('int_trends__readings') }}

),

peers as (

    select * from {{ ref('int_trends__peers') }}

),

trend_drivers as (

    select * from {{ ref('trend_drivers') }}

),

placed as (

    select
        readings.listing_id,
        readings.signal,
        readings.reading,
        peers.peer_group,
        peers.marketplace,
        peers.country,
        peers.is_compared_in,
        trend_drivers.part,
        trend_drivers.least_spread,
        percent_rank() over (partition by peers.peer_group, readings.signal order by readings.reading) as peer_rank
    from readings
    inner join peers on readings.listing_id = peers.listing_id
    inner join trend_drivers on readings.signal = trend_drivers.signal

),

-- The middle and the usual distance from it: neither moves with a few that are far out.
middles as (

    select
        peer_group,
        signal,
        percentile_cont(0.5) within group (order by reading) as middle
    from placed
    where part <> 'engagement'
    group by 1, 2

),

spreads as (

    select
        placed.peer_group,
        placed.signal,
        middles.middle,
        percentile_cont(0.5) within group (order by abs(placed.reading - middles.middle)) as spread
    from placed
    inner join middles on placed.peer_group = middles.peer_group and placed.signal = middles.signal
    group by 1, 2, 3

),

final as (

    select
        placed.listing_id,

        placed.signal,
        placed.part,
        placed.marketplace,
        placed.country,
        placed.peer_group,

        placed.reading,
        cast(
            round(
                cast(
                    case
                        when placed.part = 'engagement' then placed.peer_rank
                        else
                            greatest(
                                least((placed.reading - spreads.middle) / (spreads.spread + placed.least_spread), 3), -3
                            ) / 3
                    end as numeric(18, 9)
                ), 6
            ) as numeric(7, 6)
        ) as standing

    from placed
    left join spreads on placed.peer_group = spreads.peer_group and placed.signal = spreads.signal
    where placed.is_compared_in

)

select * from final
