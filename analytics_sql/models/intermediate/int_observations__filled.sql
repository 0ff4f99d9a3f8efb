{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='observation_id',
        on_schema_change='fail',
        post_hook='{{ keep_fingerprint() }}',
    )
}}

with

{% if is_incremental() -%}
    fresh as (

        select
            listing_id,
            min(observed_at) as fresh_from
        from {{ ref('stg_observations') }}
        where batch > {{ batch_seen() }}
        group by 1

    ),

    known as (

        select
            stored.listing_id,
            max(stored.observation_number) as observation_number
        from {{ this }} as stored
        inner join fresh on stored.listing_id = fresh.listing_id and stored.observed_at < fresh.fresh_from
        group by 1

    ),

{% endif -%}

observations as (

    select observations.*
    from {{ ref('stg_observations') }} as observations
    {% if is_incremental() -%}
        inner join fresh
            on observations.listing_id = fresh.listing_id and observations.observed_at >= fresh.fresh_from
    {%- endif %}

),

said as (

    select
        observation_id,
        listing_id,

        currency,
        price_kind,
        nullif(availability, 'unknown') as said_availability,
        case when availability <> 'unknown' then price is null and availability = 'out_of_stock' end as said_gone,

        price,
        old_price,
        rating,
        rating_count,
        -- Sold out is 0 left.
        case when availability = 'out_of_stock' then 0 else stock_left end as said_stock_left,
        views,
        likes,
        position,

        observed_at,
        observed_at as first_observed_at,
        0 as number_before,
        true as is_new

    from observations

    {% if is_incremental() -%}
        union all

        -- What was known before: the last word of each listing that is older than its first fresh one.
        select
            stored.observation_id,
            stored.listing_id,

            stored.currency,
            stored.price_kind,
            stored.known_availability,
            stored.known_gone,

            stored.price,
            stored.old_price,
            stored.rating,
            stored.rating_count,
            stored.known_stock_left,
            stored.views,
            stored.likes,
            stored.position,

            stored.observed_at,
            stored.first_observed_at,
            stored.observation_number,
            false as is_new

        from {{ this }} as stored
        inner join known
            on stored.listing_id = known.listing_id and stored.observation_number = known.observation_number
    {%- endif %}

),

carried as (

    select
        observation_id,
        listing_id,

        currency,
        lag(currency) over history as currency_before,
        price_kind,
        {{ last_known("said_availability") }} as known_availability,
        {{ last_known("said_availability", "earlier") }} as known_availability_before,
        {{ last_known("said_gone") }} as known_gone,
        {{ last_known("said_gone", "earlier") }} as known_gone_before,

        price,
        lag(price) over history as price_before,
        old_price,
        {{ last_known("rating") }} as rating,
        {{ last_known("rating_count") }} as rating_count,
        {{ last_known("rating_count", "earlier") }} as rating_count_before,
        {{ last_known("said_stock_left") }} as known_stock_left,
        {{ last_known("said_stock_left", "earlier") }} as known_stock_left_before,
        {{ last_known("views") }} as views,
        {{ last_known("views", "earlier") }} as views_before,
        {{ last_known("likes") }} as likes,
        {{ last_known("likes", "earlier") }} as likes_before,
        {{ last_known("position") }} as position,

        observed_at,
        lag(observed_at) over history as observed_before_at,
        min(first_observed_at) over history as first_observed_at,
        max(number_before) over history + sum(case when is_new then 1 else 0 end) over history as observation_number,
        is_new

    from said
    window
        history as (
            partition by listing_id
            order by observed_at, observation_id
            rows between unbounded preceding and current row
        ),
        earlier as (
            partition by listing_id
            order by observed_at, observation_id
            rows between unbounded preceding and 1 preceding
        )

),

-- Back with a price after it was gone: whether it can be had is for its new pages to say.
settled as (

    select
        *,
        coalesce(known_gone and price is not null, false) as is_back,
        coalesce(known_gone_before and price_before is not null, false) as was_back
    from carried

),

final as (

    select
        observation_id,
        listing_id,

        currency,
        currency_before,
        price_kind,
        case when is_back then 'unknown' else coalesce(known_availability, 'unknown') end as availability,
        case
            when observed_before_at is null then null
            when was_back then 'unknown'
            else coalesce(known_availability_before, 'unknown')
        end as availability_before,
        known_availability,
        known_gone,

        price,
        price_before,
        old_price,
        rating,
        rating_count,
        rating_count_before,
        -- Back on sale without a number, the 0 of a sold-out listing is no longer true.
        case
            when known_stock_left > 0 or (known_availability = 'out_of_stock' and not is_back) then known_stock_left
        end as stock_left,
        case
            when known_stock_left_before > 0 or (known_availability_before = 'out_of_stock' and not was_back)
                then known_stock_left_before
        end as stock_left_before,
        known_stock_left,
        views,
        views_before,
        likes,
        likes_before,
        position,

        cast(observation_number as integer) as observation_number,

        first_observed_at,
        observed_before_at,
        observed_at,
        {{ utc_day("observed_at") }} as observed_day,
        {{ this_batch() }} as batch

    from settled
    where is_new

)

select * from final
