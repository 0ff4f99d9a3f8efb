with recursive

agreements as (

    select * from {{ ref('int_products__agreements') }}

),

torn as (

    select * from {{ ref('int_products__torn') }}

),

signatures as (

    select * from {{ ref('int_products__signatures') }}

),

-- Who could be two things joins neither, unless nothing at all speaks against it.
joined as (

    select
        agreements.one_signature,
        agreements.other_signature
    from agreements
    left join torn as torn_one on agreements.one_signature = torn_one.signature
    left join torn as torn_other on agreements.other_signature = torn_other.signature
    where agreements.agreement = 2 or (torn_one.signature is null and torn_other.signature is null)

),

reached as (

    select
        signature,
        signature as member
    from signatures

    union

    select
        reached.signature,
        joined.other_signature as member
    from reached
    inner join joined on reached.member = joined.one_signature

),

final as (

    select
        signature,
        min(member) as group_signature
    from reached
    group by 1

)

select * from final
