with

pairs as (

    select * from {{ ref('int_products__pairs') }}

),

agreeing as (

    select * from pairs
    where agreement > 0

),

final as (

    select
        one_signature,
        other_signature,
        agreement
    from agreeing

    union all

    select
        other_signature as one_signature,
        one_signature as other_signature,
        agreement
    from agreeing

)

select * from final
