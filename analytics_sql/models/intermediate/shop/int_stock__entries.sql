with

lots as (

    select * from {{ ref('int_stock__lots') }}

),

returned as (

    select * from {{ ref('int_stock__returned') }}

),

borders as (

    select
        lot_id,
        units_from as gap_until,
        units_until as next_from
    from returned
    union all
    select
        lot_id,
        units_until as gap_until,
        units_until as next_from
    from lots

),

gaps as (

    select
        lot_id,
        gap_until,
        lag(next_from) over (partition by lot_id order by gap_until, next_from) as gap_from
    from borders

),

final as (

    select
        lots.lot_id,
        lots.product_id,

        lots.kind,

        coalesce(gaps.gap_from, lots.units_from) as units_from,
        gaps.gap_until as units_until,
        lots.unit_cost,

        lots.received_at

    from gaps
    inner join lots on gaps.lot_id = lots.lot_id
    where gaps.gap_until > coalesce(gaps.gap_from, lots.units_from)

)

select * from final
