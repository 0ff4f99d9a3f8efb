with

crawls as (

    select * from {{ ref('stg_crawls') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by spider, country, markets, arguments
            order by served_at desc, crawl_id desc
        ) as from_last
    from crawls
    where state = 'finished' and complete and served_at is not null

),

-- Who was last seen before this crawl began was missed by it, and by those like it that came later.
decisive as (

    select * from numbered
    where from_last = {{ var('absent_after_crawls') }}

),

final as (

    select
        crawls.crawl_id,

        crawls.state = 'finished' as is_finished,

        decisive.served_at as absent_before

    from crawls
    left join decisive
        on
            crawls.spider = decisive.spider
            and crawls.country = decisive.country
            and crawls.markets = decisive.markets
            and crawls.arguments = decisive.arguments

)

select * from final
