with

observations as (

    select * from {{ ref('stg_observations') }}

),

carried as (

    select
        observation_id,
        listing_id,

        currency,
        price_kind,
        {{ last_known("nullif(availability, 'unknown')") }} as availability,

        {{ last_known("case when availability <> 'unknown' then price is null and availability = 'out_of_stock' end") }}
        and price is not null as is_back,

        price,
        old_price,
        {{ last_known("rating") }} as rating,
        {{ last_known("rating_count") }} as rating_count,
        {{ last_known("case when availability = 'out_of_stock' then 0 else stock_left end") }} as stock_left,
        {{ last_known("views") }} as views,
        {{ last_known("likes") }} as likes,
        {{ last_known("position") }} as position,

        observed_at

    from observations
    window history as (
        partition by listing_id
        order by observed_at, observation_id
        rows between unbounded preceding and current row
    )

),

final as (

    select
        observation_id,
        listing_id,

        currency,
        price_kind,
        -- Back with a price after it was gone: whether it can be had is for its new pages to say.
        case when is_back then 'unknown' else coalesce(availability, 'unknown') end as availability,

        price,
        old_price,
        rating,
        rating_count,
        -- Sold out is 0 left; back on sale without a number, the 0 is no longer true.
        case when stock_left > 0 or (availability = 'out_of_stock' and not is_back) then stock_left end as stock_left,
        views,
        likes,
        position,

        observed_at,
        {{ utc_day("observed_at") }} as observed_day

    from carried

)

select * from final
