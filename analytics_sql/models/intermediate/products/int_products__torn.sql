with

agreements as (

    select * from {{ ref('int_products__agreements') }}

),

-- "Galaxy A14" fits both "Galaxy A14 64 GB" and "Galaxy A14 128 GB", which do not fit each other.
rivals as (

    select
        agreements.one_signature as signature,
        agreements.other_signature as left_signature,
        rivals.other_signature as right_signature
    from agreements
    inner join agreements as rivals
        on
            agreements.one_signature = rivals.one_signature
            and agreements.other_signature < rivals.other_signature

),

final as (

    select distinct rivals.signature
    from rivals
    anti join agreements
        on
            rivals.left_signature = agreements.one_signature
            and rivals.right_signature = agreements.other_signature

)

select * from final
