{% set drop = whole("-price_change_7d_pct") %}
{% set stars = "cast(cast(round(rating, 1) as numeric(2, 1)) as varchar)" %}

{% set reasons = [
    {
        'name': 'ratings gained',
        'strength': 1,
        'holds': 'rating_count_gain_7d > 0',
        'fr': whole("rating_count_gain_7d") ~ " || ' avis de plus en ' || "
            ~ plural("window_days", "1 jour", "{n} jours"),
        'ar': arabic_plural("rating_count_gain_7d",
            "تقييم إضافي واحد", "تقييمان إضافيان", "{n} تقييمات إضافية", "{n} تقييمًا إضافيًا")
            ~ " || ' خلال ' || " ~ arabic_plural("window_days", "يوم واحد", "يومين", "{n} أيام", "{n} يومًا"),
        'en': plural("rating_count_gain_7d", "1 more review", "{n} more reviews")
            ~ " || ' in ' || " ~ plural("window_days", "1 day", "{n} days"),
    },
    {
        'name': 'price fell',
        'strength': 2,
        'holds': 'price_change_7d_pct <= -1',
        'fr': "'prix −' || " ~ drop ~ " || ' %'",
        'ar': "'السعر −' || " ~ drop ~ " || ' %'",
        'en': "'price −' || " ~ drop ~ " || '%'",
    },
    {
        'name': 'sold out',
        'strength': 3,
        'holds': 'sold_out_episodes > 0',
        'fr': plural("sold_out_episodes", "épuisé une fois en 30 jours", "épuisé {n} fois en 30 jours"),
        'ar': arabic_plural("sold_out_episodes", "نفد مرة واحدة خلال 30 يومًا", "نفد مرتين خلال 30 يومًا",
            "نفد {n} مرات خلال 30 يومًا", "نفد {n} مرة خلال 30 يومًا"),
        'en': plural("sold_out_episodes", "sold out once in 30 days", "sold out {n} times in 30 days"),
    },
    {
        'name': 'few left',
        'strength': 4,
        'holds': "stock_left between 1 and 5 and availability in ('in_stock', 'low_stock')",
        'fr': "'plus que ' || " ~ whole("stock_left") ~ " || ' en stock'",
        'ar': arabic_plural("stock_left", "بقيت قطعة واحدة", "بقيت قطعتان", "بقيت {n} قطع", "بقيت {n} قطعة"),
        'en': "'only ' || " ~ whole("stock_left") ~ " || ' left'",
    },
    {
        'name': 'climbed',
        'strength': 5,
        'holds': "position <= 10 and baseline_position - position >= 3",
        'fr': "'monte à la place ' || " ~ whole("position"),
        'ar': "'صعد إلى المرتبة ' || " ~ whole("position"),
        'en': "'up to place ' || " ~ whole("position"),
    },
    {
        'name': 'well rated',
        'strength': 6,
        'holds': 'rating >= 4 and rating_count >= 5',
        'fr': "'bien noté (' || replace(" ~ stars ~ ", '.', ',') || ' sur ' || " ~ whole("rating_count") ~ " || ' avis)'",
        'ar': "'تقييم جيد (' || replace(" ~ stars ~ ", '.', ',') || ' من ' || "
            ~ arabic_plural("rating_count", "تقييم واحد", "تقييمين", "{n} تقييمات", "{n} تقييمًا") ~ " || ')'",
        'en': "'well rated (' || " ~ stars ~ " || ' from ' || " ~ whole("rating_count") ~ " || ' reviews)'",
    },
    {
        'name': 'new',
        'strength': 7,
        'holds': 'first_seen_at > window_start and first_seen_at > market_first_seen_at',
        'fr': "'nouveau sur le marché'",
        'ar': "'جديد في السوق'",
        'en': "'new on the market'",
    },
    {
        'name': 'little known',
        'strength': 9,
        'holds': 'true',
        'fr': "'encore peu de signes'",
        'ar': "'المؤشرات لا تزال قليلة'",
        'en': "'few signs so far'",
    },
] %}

with

evidence as (

    select
        *,
        min(first_seen_at) over (partition by marketplace, country) as market_first_seen_at
    from {{ ref('int_trends__evidence') }}

),

reasons as (

    {% for reason in reasons -%}
        select
            listing_id,
            '{{ reason.name }}' as reason,
            {{ reason.strength }} as strength,
            {{ reason.fr }} as text_fr,
            {{ reason.ar }} as text_ar,
            {{ reason.en }} as text_en
        from evidence
        where {{ reason.holds }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

numbered as (

    select
        *,
        row_number() over (partition by listing_id order by strength) as place
    from reasons

),

-- Two reasons are read; the ones that only fill a silence (7 and up) stand alone.
final as (

    select
        listing_id,
        reason,
        strength,
        text_fr,
        text_ar,
        text_en,
        place
    from numbered
    where place = 1 or (place = 2 and strength < 7)

)

select * from final
