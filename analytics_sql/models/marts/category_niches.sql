{{
    config(
        indexes=[
            {'columns': ['marketplace', 'country', 'category'], 'unique': true},
            {'columns': ['niche_rank']},
        ],
    )
}}

with

categories as (

    select * from {{ ref('int_categories__measured') }}

),

-- A category is compared with those of its market that have offers enough to say something.
placed as (

    select
        *,
        percent_rank() over (peers order by round(cast(demand_per_listing as numeric(18, 6)), 6)) as demand,
        percent_rank() over (peers order by listing_count) as competition,
        percent_rank() over (peers order by round(cast(coalesce(margin_room, 0) as numeric(18, 6)), 6)) as margin,
        percent_rank() over (peers order by median_rating_count) as incumbency
    from categories
    window peers as (partition by marketplace, country, has_peers)

),

judged as (

    select
        *,
        case
            when has_peers
                then
                    {{ var('niche_difficulty_competition') }} * competition
                    + {{ var('niche_difficulty_incumbency') }} * incumbency
                    + {{ var('niche_difficulty_concentration') }} * coalesce(seller_concentration, 0)
                    + {{ var('niche_difficulty_official') }} * official_share
        end as entry_difficulty
    from placed

),

scored as (

    select
        *,
        case
            when has_peers
                then
                    100 * (
                        {{ var('niche_weight_demand') }} * demand
                        + {{ var('niche_weight_margin') }} * margin
                        + {{ var('niche_weight_ease') }} * (1 - entry_difficulty)
                    )
        end as score
    from judged

),

rounded as (

    select
        marketplace,
        country,
        department,
        category,

        cast(listing_count as integer) as listing_count,
        cast(seller_count as integer) as seller_count,
        cast(brand_count as integer) as brand_count,

        cast(rating_count_gain_7d as bigint) as rating_count_gain_7d,
        cast(round(cast(demand_per_listing as numeric(18, 6)), 4) as numeric(12, 4)) as demand_per_listing,
        cast(sold_out_episodes as bigint) as sold_out_episodes,

        cast(round(cast(seller_concentration as numeric(18, 6)), 4) as numeric(5, 4)) as seller_concentration,
        cast(round(cast(official_share as numeric(18, 6)), 4) as numeric(5, 4)) as official_share,
        cast(round(cast(discounted_share as numeric(18, 6)), 4) as numeric(5, 4)) as discounted_share,
        cast(round(cast(median_rating_count as numeric(18, 6)), 1) as numeric(12, 1)) as median_rating_count,

        cast(round(cast(low_price_dzd as numeric(18, 4)), 2) as numeric(14, 2)) as low_price_dzd,
        cast(round(cast(median_price_dzd as numeric(18, 4)), 2) as numeric(14, 2)) as median_price_dzd,
        cast(round(cast(high_price_dzd as numeric(18, 4)), 2) as numeric(14, 2)) as high_price_dzd,
        cast(round(cast(margin_room as numeric(18, 6)), 4) as numeric(5, 4)) as margin_room,

        cast(round(cast(entry_difficulty as numeric(18, 6)), 4) as numeric(5, 4)) as entry_difficulty,
        cast(round(cast(score as numeric(18, 6)), 2) as numeric(5, 2)) as niche_score

    from scored

),

final as (

    select
        *,
        case
            when niche_score is not null
                then cast(row_number() over best_first as integer)
        end as niche_rank
    from rounded
    window best_first as (order by niche_score desc nulls last, marketplace asc, country asc, category asc)

)

select * from final
