{{
    config(
        indexes=[
            {'columns': ['listing_id', 'changed_at', 'kind'], 'unique': true},
            {'columns': ['kind', 'changed_at']},
        ],
    )
}}

{% set price_moved = "price_before is not null and price is not null and price" %}

with

steps as (

    select *
    from {{ ref('int_offers__steps') }}
    -- Most observations change nothing: they are read once, not once for each kind.
    where
        observed_before_at is null
        or price is distinct from price_before
        or availability is distinct from availability_before
        or is_gone is distinct from was_gone

),

offers as (

    select * from {{ ref('int_listings__current') }}

),

opening as (

    select
        marketplace,
        country,
        min({{ utc_day("first_observed_at") }}) as opened_on
    from offers
    group by 1, 2

),

kinds as (

    select
        *,
        'price_drop' as kind
    from steps
    where {{ price_moved }} < price_before

    union all

    select
        *,
        'price_rise' as kind
    from steps
    where {{ price_moved }} > price_before

    union all

    select
        *,
        'gone' as kind
    from steps
    where is_gone and not was_gone

    union all

    select
        *,
        'sold_out' as kind
    from steps
    where availability = 'out_of_stock' and not is_gone and availability_before in ('in_stock', 'low_stock')

    union all

    -- A listing that is back from being gone says nothing of its stock until its page does.
    select
        *,
        'back_in_stock' as kind
    from steps
    where
        (availability in ('in_stock', 'low_stock') and availability_before = 'out_of_stock')
        or (was_gone and not is_gone)

    union all

    select
        *,
        'new' as kind
    from steps
    where observed_before_at is null

),

changes as (

    select
        kinds.listing_id,
        kinds.kind,

        offers.marketplace,
        offers.country,
        offers.category,
        kinds.currency,
        kinds.availability,
        kinds.availability_before,

        kinds.price,
        kinds.price_before,

        kinds.observed_at as changed_at

    from kinds
    inner join offers on kinds.listing_id = offers.listing_id
    inner join opening on offers.marketplace = opening.marketplace and offers.country = opening.country
    -- Of what a market showed on its first day nobody knows whether it was new.
    where kinds.kind <> 'new' or {{ utc_day("kinds.observed_at") }} > opening.opened_on

    union all

    select
        listing_id,
        'gone' as kind,

        marketplace,
        country,
        category,
        currency,
        availability,
        cast(null as varchar) as availability_before,

        price,
        price as price_before,

        last_seen_at as changed_at

    from offers
    where is_absent

),

final as (

    select
        listing_id,
        kind,

        marketplace,
        country,
        category,
        currency,
        availability,
        availability_before,

        cast(price as numeric(14, 2)) as price,
        cast(price_before as numeric(14, 2)) as price_before,
        case
            when kind in ('price_drop', 'price_rise') and price_before > 0
                then cast(least((price - price_before) * 100.0 / price_before, 99999.99) as numeric(7, 2))
        end as price_change_pct,

        changed_at

    from changes

)

select * from final
