{% set accents = "'éèêëàâäçîïôöùûü_ &'" %}
{% set plain = "'eeeeaaaciioouuu---'" %}

with

listings as (

    select * from {{ ref('stg_listings') }}

),

excluded_categories as (

    select * from {{ ref('excluded_categories') }}

),

slugs as (

    select
        listing_id,
        marketplace,
        translate(lower(department), {{ accents }}, {{ plain }}) as department_slug,
        translate(lower(category), {{ accents }}, {{ plain }}) as category_slug
    from listings

),

final as (

    select
        slugs.listing_id,
        min(excluded_categories.reason) as reason
    from slugs
    inner join excluded_categories
        on
            coalesce(excluded_categories.marketplace, slugs.marketplace) = slugs.marketplace
            and (
                slugs.department_slug like excluded_categories.category_prefix || '%'
                or slugs.category_slug like excluded_categories.category_prefix || '%'
            )
    group by 1

)

select * from final
