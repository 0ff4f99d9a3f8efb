with

observed_days as (

    select * from {{ ref('int_listing_days__observed') }}

),

exchange_rates as (

    select * from {{ ref('exchange_rates') }}

),

spans as (

    select
        *,
        coalesce(lead(day) over (partition by listing_id order by day) - day, 1) as days_until_next
    from observed_days

),

expanded as (

    select
        *,
        {{ each_below("days_until_next") }} as days_carried
    from spans

),

carried as (

    select
        listing_id,
        cast(day + cast(days_carried as integer) as date) as day,

        currency,
        availability,

        case when days_carried = 0 then open_price else close_price end as open_price,
        case when days_carried = 0 then high_price else close_price end as high_price,
        case when days_carried = 0 then low_price else close_price end as low_price,
        close_price,
        rating_count,
        case when days_carried = 0 then observation_count else 0 end as observation_count

    from expanded

),

final as (

    select
        carried.*,
        {{ in_dinars("carried.close_price", "exchange_rates.dzd_per_unit") }} as close_price_dzd,
        min(carried.low_price) over (
            partition by carried.listing_id, carried.currency
            order by carried.day
            range between interval '29 days' preceding and current row
        ) as low_30d_price
    from carried
    left join exchange_rates on carried.currency = exchange_rates.currency

)

select * from final
