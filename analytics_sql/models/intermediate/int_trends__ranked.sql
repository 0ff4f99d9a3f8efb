with

signals as (

    select * from {{ ref('int_trends__signals') }}

),

evidence as (

    select * from {{ ref('int_trends__evidence') }}

),

-- What its market shows of others and not of it is 0 for a listing: nothing moved, or nobody has rated or liked it.
market_signals as (

    select distinct
        evidence.marketplace,
        evidence.country,
        signals.signal
    from signals
    inner join evidence on signals.listing_id = evidence.listing_id

),

placed as (

    select
        evidence.listing_id,
        evidence.marketplace,
        evidence.country,
        evidence.department,
        evidence.category,
        market_signals.signal,
        coalesce(signals.signal_value, 0) as signal_value
    from evidence
    inner join market_signals
        on evidence.marketplace = market_signals.marketplace and evidence.country = market_signals.country
    left join signals on evidence.listing_id = signals.listing_id and market_signals.signal = signals.signal

),

compared as (

    select
        *,
        count(*) over (partition by signal, marketplace, country, department, category) as category_peers,
        count(*) over (partition by signal, marketplace, country, department) as department_peers,
        {{ middle_rank("signal, marketplace, country, department, category", "signal_value") }} as category_rank,
        {{ middle_rank("signal, marketplace, country, department", "signal_value") }} as department_rank,
        {{ middle_rank("signal, marketplace, country", "signal_value") }} as market_rank
    from placed

),

chosen as (

    select
        *,
        case
            when category is not null and category_peers >= {{ var('trend_least_peers') }} then 'category'
            when department is not null and department_peers >= {{ var('trend_least_peers') }} then 'department'
            else 'market'
        end as peers
    from compared

),

final as (

    select
        listing_id,

        signal,
        marketplace,
        country,
        peers,

        signal_value,
        cast(
            round(
                cast(
                    case
                        when peers = 'category' then category_rank
                        when peers = 'department' then department_rank
                        else market_rank
                    end as numeric(18, 9)
                ), 6
            ) as numeric(7, 6)
        ) as signal_rank

    from chosen

)

select * from final
