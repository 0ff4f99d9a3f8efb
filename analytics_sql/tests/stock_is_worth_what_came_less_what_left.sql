-- Units and money of each product: every movement, valued, against what remains of the lots.
with

moved as (

    select
        product_id,
        sum(quantity) as units,
        sum(value_change) as value
    from {{ ref('int_stock__movements_valued') }}
    group by 1

),

remaining as (

    select
        product_id,
        sum(units) as units,
        sum(value) as value
    from {{ ref('int_stock__remaining') }}
    group by 1

)

select
    moved.product_id,
    moved.units as units_moved,
    remaining.units as units_remaining,
    moved.value as value_moved,
    remaining.value as value_remaining
from moved
full outer join remaining on moved.product_id = remaining.product_id
where
    coalesce(moved.units, 0) <> coalesce(remaining.units, 0)
    or coalesce(moved.value, 0) <> coalesce(remaining.value, 0)
