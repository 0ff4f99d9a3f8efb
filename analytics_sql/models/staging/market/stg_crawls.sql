with

source as (

    select * from {{ source('market', 'crawl') }}

),

final as (

    select
        id as crawl_id,

        spider,
        marketplace,
        country,
        markets,
        cast(arguments as text) as arguments,
        state,

        complete,

        served_at

    from source

)

select * from final
