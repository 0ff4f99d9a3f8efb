with

days as (

    select * from {{ ref('int_ranks__days') }}

),

steps as (

    select
        marketplace,
        country,
        step,
        coalesce(sum(rating_gain), 0) as gained,
        coalesce(sum(case when rating_gain is not null then days_since end), 0) as days_watched
    from days
    group by 1, 2, 3

),

-- One imagined day at the market's mean, so that no place is worth nothing because nobody has rated there yet.
measured as (

    select
        marketplace,
        country,
        step,
        gained + 1.0 * sum(gained) over market / nullif(sum(days_watched) over market, 0) as gained,
        days_watched + 1 as days_watched
    from steps
    window market as (partition by marketplace, country)

),

-- Spans of neighbouring steps, from each first to each last one, with what is gained a day in them.
spans as (

    select
        firsts.marketplace,
        firsts.country,
        firsts.step as first_step,
        lasts.step as last_step,
        sum(lasts.gained) over growing / sum(lasts.days_watched) over growing as gain_per_day
    from measured as firsts
    inner join measured as lasts
        on
            firsts.marketplace = lasts.marketplace
            and firsts.country = lasts.country
            and firsts.step <= lasts.step
    where firsts.gained is not null
    window growing as (partition by firsts.marketplace, firsts.country, firsts.step order by lasts.step)

),

-- Isotonic regression: of all that begin at or before a step the best span that reaches it, and of these the least.
reaching as (

    select
        spans.marketplace,
        spans.country,
        measured.step,
        spans.first_step,
        max(spans.gain_per_day) as gain_per_day
    from measured
    inner join spans
        on
            measured.marketplace = spans.marketplace
            and measured.country = spans.country
            and measured.step between spans.first_step and spans.last_step
    group by 1, 2, 3, 4

),

final as (

    select
        marketplace,
        country,
        step,
        cast(min(gain_per_day) as numeric(18, 9)) as gain_per_day
    from reaching
    group by 1, 2, 3

)

select * from final
