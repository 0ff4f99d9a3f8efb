with

pairs as (

    select * from {{ ref('int_products__pairs') }}

),

signatures as (

    select * from {{ ref('int_products__signatures') }}

),

-- Titles change; a pair outlives its offers in the incremental table, not here.
living as (

    select pairs.*
    from pairs
    inner join signatures as one on pairs.one_signature = one.signature
    inner join signatures as other on pairs.other_signature = other.signature

),

final as (

    select
        one_signature,
        other_signature,
        agreement
    from living

    union all

    select
        other_signature as one_signature,
        one_signature as other_signature,
        agreement
    from living

)

select * from final
