with

lots as (

    select * from {{ ref('int_stock__lots') }}

),

issues as (

    select * from {{ ref('int_stock__issues') }}

),

journeys as (

    select
        issue_id as stock_movement_id,
        product_id,
        order_line_id,
        units_from,
        quantity as units_sold,
        0 as units_returned
    from issues
    where kind = 'sale'
    union all
    select
        lot_id as stock_movement_id,
        product_id,
        order_line_id,
        units_from,
        0 as units_sold,
        quantity as units_returned
    from lots
    where kind = 'return'

),

running as (

    select
        *,
        cast(sum(units_sold) over posted as bigint) as sold_until,
        cast(sum(units_returned) over posted as bigint) as returned_until
    from journeys
    window posted as (partition by product_id, order_line_id order by stock_movement_id)

),

-- Units that are said to come back while none is away came from elsewhere: they bring back nothing that leaves later.
explained as (

    select
        *,
        greatest(max(returned_until - sold_until) over posted, 0) as unexplained_until
    from running
    window posted as (partition by product_id, order_line_id order by stock_movement_id)

),

returned as (

    select
        *,
        returned_until - unexplained_until as back_until,
        lag(returned_until - unexplained_until, 1, 0) over posted as back_from
    from explained
    window posted as (partition by product_id, order_line_id order by stock_movement_id)

),

paired as (

    select
        returned.stock_movement_id as lot_id,
        returned.product_id,
        sold.stock_movement_id as issue_id,
        returned.units_from - returned.back_from as lot_shift,
        sold.units_from + sold.units_sold - sold.sold_until as sold_shift,
        greatest(returned.back_from, sold.sold_until - sold.units_sold) as away_from,
        least(returned.back_until, sold.sold_until) as away_until

    from returned
    inner join running as sold
        on
            returned.product_id = sold.product_id
            and returned.order_line_id is not distinct from sold.order_line_id
            and returned.back_from < sold.sold_until
            and returned.back_until > sold.sold_until - sold.units_sold
    where returned.units_returned > 0 and sold.units_sold > 0

),

final as (

    select
        lot_id,
        product_id,
        issue_id,

        away_from + lot_shift as units_from,
        away_until + lot_shift as units_until,
        away_from + sold_shift as left_from

    from paired
    -- So that tracing a unit back comes to an end, whatever is stored.
    where away_from + sold_shift < away_from + lot_shift

)

select * from final
