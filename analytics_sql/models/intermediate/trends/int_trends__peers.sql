with

candidates as (

    select * from {{ ref('int_trends__candidates') }}

),

placed as (

    select
        listing_id,
        marketplace,
        country,
        marketplace || ' ' || country as market_group,
        marketplace || ' ' || country || ' > ' || department as department_group,
        marketplace || ' ' || country || ' > ' || department || ' > ' || category as category_group
    from candidates

),

counted as (

    select
        *,
        count(*) over (partition by category_group) as category_peers,
        count(*) over (partition by department_group) as department_peers
    from placed

),

chosen as (

    select
        *,
        case
            when category_group is not null and category_peers >= {{ var('trend_least_peers') }} then category_group
            when department_group is not null and department_peers >= {{ var('trend_least_peers') }}
                then department_group
            else market_group
        end as peer_group
    from counted

),

-- A group of peers is whole: also those are in it who are compared in a narrower one.
members as (

    select
        category_group as peer_group,
        listing_id
    from chosen
    union all
    select
        department_group as peer_group,
        listing_id
    from chosen
    union all
    select
        market_group as peer_group,
        listing_id
    from chosen

),

asked as (

    select distinct peer_group from chosen

),

final as (

    select
        members.listing_id,
        members.peer_group,
        chosen.marketplace,
        chosen.country,
        members.peer_group = chosen.peer_group as is_compared_in
    from members
    inner join asked on members.peer_group = asked.peer_group
    inner join chosen on members.listing_id = chosen.listing_id

)

select * from final
