{{
    config(
        indexes=[
            {'columns': ['product_id'], 'unique': true},
            {'columns': ['sku'], 'unique': true},
        ],
    )
}}

with

products as (

    select * from {{ ref('stg_products') }}

),

now as (

    select * from {{ ref('int_shop__now') }}

),

moved as (

    select
        product_id,
        sum(quantity) as on_hand,
        max(case when kind = 'receipt' then moved_at end) as last_received_at,
        max(case when kind = 'sale' then moved_at end) as last_sale_at
    from {{ ref('stg_stock_movements') }}
    group by 1

),

remaining as (

    select
        product_id,
        sum(value) as value,
        sum(case when is_cost_known then 0 else units end) as units_without_cost,
        min(received_at) as oldest_lot_received_at
    from {{ ref('int_stock__remaining') }}
    group by 1

),

promised as (

    select * from {{ ref('int_stock__promised') }}

),

demand as (

    select * from {{ ref('int_stock__demand') }}

),

counted as (

    select
        products.product_id,
        products.sku,
        products.title,
        coalesce(moved.on_hand, 0) as on_hand,
        coalesce(promised.reserved, 0) as reserved,
        coalesce(moved.on_hand, 0) - coalesce(promised.reserved, 0) as available,
        coalesce(promised.in_transit, 0) as in_transit,
        coalesce(remaining.value, 0) as value,
        coalesce(promised.in_transit_value, 0) as in_transit_value,
        coalesce(remaining.units_without_cost, 0) as units_without_cost,
        cast(demand.expected_units as double precision) / demand.days as demand_per_day,
        {{ utc_day('now.shop_now') }} - {{ utc_day('remaining.oldest_lot_received_at') }} as oldest_lot_age_days,
        remaining.oldest_lot_received_at,
        moved.last_received_at,
        moved.last_sale_at

    from products
    cross join now
    left join moved on products.product_id = moved.product_id
    left join remaining on products.product_id = remaining.product_id
    left join promised on products.product_id = promised.product_id
    left join demand on products.product_id = demand.product_id

),

final as (

    select
        product_id,

        sku,
        title,

        cast(on_hand as integer) as on_hand,
        cast(reserved as integer) as reserved,
        cast(available as integer) as available,
        cast(in_transit as integer) as in_transit,
        cast(value as numeric(14, 2)) as value_dzd,
        cast(in_transit_value as numeric(14, 2)) as in_transit_value_dzd,
        cast(units_without_cost as integer) as units_without_cost,
        cast(oldest_lot_age_days as integer) as oldest_lot_age_days,
        cast(demand_per_day as numeric(12, 3)) as demand_per_day,
        cast(
            case when demand_per_day > 0 then least(greatest(available, 0) / demand_per_day, 99999) end as numeric(7, 1)
        ) as days_of_cover,

        oldest_lot_received_at,
        last_received_at,
        last_sale_at

    from counted

)

select * from final
