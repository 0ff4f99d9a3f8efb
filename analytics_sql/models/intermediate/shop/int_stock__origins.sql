with recursive

lots as (

    select * from {{ ref('int_stock__lots') }}

),

returned as (

    select * from {{ ref('int_stock__returned') }}

),

entries as (

    select * from {{ ref('int_stock__entries') }}

),

traced as (

    select
        lot_id,
        product_id,
        units_from,
        units_from as origin_from,
        units_until as origin_until
    from lots

    union all

    -- What came back stood, when it left, where it left from: nearer to the beginning each time, so this ends.
    select
        traced.lot_id,
        traced.product_id,
        traced.units_from + greatest(returned.units_from - traced.origin_from, 0) as units_from,
        returned.left_from + greatest(traced.origin_from - returned.units_from, 0) as origin_from,
        returned.left_from + least(traced.origin_until, returned.units_until) - returned.units_from as origin_until
    from traced
    inner join returned
        on
            traced.product_id = returned.product_id
            and traced.origin_from < returned.units_until
            and traced.origin_until > returned.units_from

),

final as (

    select
        traced.lot_id,
        traced.product_id,
        entries.lot_id as origin_lot_id,

        traced.units_from + greatest(entries.units_from - traced.origin_from, 0) as units_from,
        traced.units_from + least(traced.origin_until, entries.units_until) - traced.origin_from as units_until,
        coalesce(entries.unit_cost, 0) as unit_cost,

        entries.unit_cost is not null as is_cost_known,

        entries.received_at

    from traced
    inner join entries
        on
            traced.product_id = entries.product_id
            and traced.origin_from < entries.units_until
            and traced.origin_until > entries.units_from

)

select * from final
