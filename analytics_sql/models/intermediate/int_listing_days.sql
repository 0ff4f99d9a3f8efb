{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['listing_id', 'day'],
        on_schema_change='fail',
        post_hook='{{ keep_fingerprint() }}',
    )
}}

with

exchange_rates as (

    select * from {{ ref('exchange_rates') }}

),

{% if is_incremental() -%}
    fresh as (

        select
            listing_id,
            min(day) as fresh_from
        from {{ ref('int_listing_days__observed') }}
        where batch > {{ batch_seen() }}
        group by 1

    ),

    -- The last day of each listing that stays as it is.
    settled as (

        select
            fresh.listing_id,
            fresh.fresh_from,
            max(stored.day) as settled_on
        from fresh
        left join {{ this }} as stored
            on fresh.listing_id = stored.listing_id and fresh.fresh_from > stored.day
        group by 1, 2

    ),

    -- What a reduction is compared with reaches 30 days back.
    remembered as (

        select
            stored.*,
            stored.day = settled.settled_on as is_last
        from settled
        inner join {{ this }} as stored
            on
                settled.listing_id = stored.listing_id
                and stored.day between settled.settled_on - 30 and settled.settled_on

    ),

{% endif -%}

observed_days as (

    select
        observed.listing_id,
        observed.day,
        observed.currency,
        observed.availability,
        observed.open_price,
        observed.high_price,
        observed.low_price,
        observed.close_price,
        observed.close_price as known_price,
        case when observed.close_price is not null then observed.currency end as known_currency,
        cast(null as date) as reduced_on,
        cast(null as numeric(14, 2)) as prior_price,
        observed.rating_count,
        observed.observation_count,
        true as is_new
    from {{ ref('int_listing_days__observed') }} as observed
    {% if is_incremental() -%}
        inner join settled on observed.listing_id = settled.listing_id and observed.day >= settled.fresh_from

        union all

        select
            listing_id,
            day,
            currency,
            availability,
            open_price,
            high_price,
            low_price,
            close_price,
            known_price,
            known_currency,
            reduced_on,
            prior_price,
            rating_count,
            observation_count,
            false as is_new
        from remembered
        where is_last
    {%- endif %}

),

spans as (

    select
        listing_id,
        day,
        currency,
        availability,
        open_price,
        high_price,
        low_price,
        close_price,
        {{ last_known("known_price") }} as known_price,
        {{ last_known("known_price", "earlier") }} as price_before,
        {{ last_known("known_currency") }} as known_currency,
        {{ last_known("known_currency", "earlier") }} as currency_before,
        reduced_on,
        prior_price,
        rating_count,
        observation_count,
        is_new,
        coalesce(lead(day) over history - day, 1) as days_until_next
    from observed_days
    window
        history as (partition by listing_id order by day rows between unbounded preceding and current row),
        earlier as (partition by listing_id order by day rows between unbounded preceding and 1 preceding)

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
        known_price,
        known_currency,
        -- A price is higher or lower than the one before it in the same currency; a new currency begins anew.
        case
            when days_carried > 0 or close_price is null or price_before is null then 'same'
            when currency <> currency_before then 'other'
            when close_price < price_before then 'lower'
            when close_price > price_before then 'higher'
            else 'same'
        end as step,
        reduced_on,
        prior_price,
        rating_count,
        case when days_carried = 0 then observation_count else 0 end as observation_count,
        is_new or days_carried > 0 as is_new

    from expanded

    {% if is_incremental() -%}
        union all

        select
            listing_id,
            day,
            currency,
            availability,
            open_price,
            high_price,
            low_price,
            close_price,
            known_price,
            known_currency,
            'same' as step,
            cast(null as date) as reduced_on,
            cast(null as numeric(14, 2)) as prior_price,
            rating_count,
            observation_count,
            false as is_new
        from remembered
        where not is_last
    {%- endif %}

),

with_lows as (

    select
        *,
        min(low_price) over thirty_days as low_30d_price,
        min(low_price) over thirty_days_before as low_before
    from carried
    window
        thirty_days as (
            partition by listing_id, currency
            order by day
            range between interval '29 days' preceding and current row
        ),
        thirty_days_before as (
            partition by listing_id, currency
            order by day
            range between interval '30 days' preceding and interval '1 day' preceding
        )

),

-- The first day of time stands for the end of a reduction, until the last known word of it was found.
reductions as (

    select
        *,
        case
            when step = 'lower' then day
            when step in ('higher', 'other') then date '0001-01-01'
            else reduced_on
        end as reduction_began,
        case
            when step = 'lower' then coalesce(low_before, -1)
            when step in ('higher', 'other') then -1
            else prior_price
        end as prior
    from with_lows

),

with_reductions as (

    select
        *,
        nullif({{ last_known("reduction_began") }}, date '0001-01-01') as last_reduced_on,
        nullif({{ last_known("prior") }}, -1) as last_prior_price
    from reductions
    window history as (partition by listing_id order by day rows between unbounded preceding and current row)

),

final as (

    select
        fresh_days.listing_id,
        fresh_days.day,

        fresh_days.currency,
        fresh_days.availability,

        fresh_days.open_price,
        fresh_days.high_price,
        fresh_days.low_price,
        fresh_days.close_price,
        fresh_days.known_price,
        fresh_days.known_currency,
        {{ in_dinars("fresh_days.close_price", "exchange_rates.dzd_per_unit") }} as close_price_dzd,
        fresh_days.low_30d_price,
        fresh_days.last_reduced_on as reduced_on,
        fresh_days.last_prior_price as prior_price,
        fresh_days.rating_count,
        fresh_days.observation_count,
        {{ this_batch() }} as batch

    from with_reductions as fresh_days
    left join exchange_rates on fresh_days.currency = exchange_rates.currency
    where fresh_days.is_new

)

select * from final
