-- Observations are read first, so that each finds its listing here even while crawlers store more. Crawls too: one that
-- ends meanwhile may not count as having missed what it has just seen.
-- depends_on: {{ ref('stg_observations') }}
-- depends_on: {{ ref('stg_crawls') }}

with

source as (

    select * from {{ source('market', 'listing') }}

),

final as (

    select
        id as listing_id,
        last_crawl_id,

        marketplace,
        country,
        external_id,
        url,
        title,
        brand,
        category_path[1] as department,
        category_path[array_length(category_path, 1)] as category,
        nullif(array_to_string(category_path, ' > '), '') as category_path,
        coalesce({{ json_text("attributes", "seller_id") }}, seller_name) as seller_id,
        seller_name,
        seller_kind,
        image_urls[1] as image_url,

        shipped_from_abroad,
        express,

        first_seen_at,
        last_seen_at

    from source

)

select * from final
