{# What both versions of the trend score say of a listing, by name of the reason: expressions in French, Arabic, English. #}
{% macro trend_reasons() -%}
    {%- set drop = whole("-price_change_7d_pct") -%}
    {%- set stars = "cast(cast(round(rating, 1) as numeric(2, 1)) as varchar)" -%}
    {%- set below = whole("100 * (1 - price / median_30d_price)") -%}
    {{ return({
        'ratings gained': {
            'fr': whole("rating_count_gain_7d") ~ " || ' avis de plus en ' || "
                ~ plural("window_days", "1 jour", "{n} jours"),
            'ar': arabic_plural("rating_count_gain_7d",
                "تقييم إضافي واحد", "تقييمان إضافيان", "{n} تقييمات إضافية", "{n} تقييمًا إضافيًا")
                ~ " || ' خلال ' || " ~ arabic_plural("window_days", "يوم واحد", "يومين", "{n} أيام", "{n} يومًا"),
            'en': plural("rating_count_gain_7d", "1 more review", "{n} more reviews")
                ~ " || ' in ' || " ~ plural("window_days", "1 day", "{n} days"),
        },
        'price fell': {
            'fr': "'prix −' || " ~ drop ~ " || ' %'",
            'ar': "'السعر −' || " ~ drop ~ " || ' %'",
            'en': "'price −' || " ~ drop ~ " || '%'",
        },
        'price rose': {
            'fr': "'prix +' || " ~ whole("price_change_7d_pct") ~ " || ' %'",
            'ar': "'السعر +' || " ~ whole("price_change_7d_pct") ~ " || ' %'",
            'en': "'price +' || " ~ whole("price_change_7d_pct") ~ " || '%'",
        },
        'below median': {
            'fr': below ~ " || ' % sous son prix médian de 30 jours'",
            'ar': "'أقل بـ ' || " ~ below ~ " || ' % من سعره الوسيط خلال 30 يومًا'",
            'en': below ~ " || '% below its 30-day median price'",
        },
        'sold out': {
            'fr': plural("sold_out_episodes", "épuisé une fois en 30 jours", "épuisé {n} fois en 30 jours"),
            'ar': arabic_plural("sold_out_episodes", "نفد مرة واحدة خلال 30 يومًا", "نفد مرتين خلال 30 يومًا",
                "نفد {n} مرات خلال 30 يومًا", "نفد {n} مرة خلال 30 يومًا"),
            'en': plural("sold_out_episodes", "sold out once in 30 days", "sold out {n} times in 30 days"),
        },
        'back on show': {
            'fr': plural("round(days_off_shelf_7d)",
                "de retour après 1 jour d''absence", "de retour après {n} jours d''absence"),
            'ar': arabic_plural("round(days_off_shelf_7d)", "عاد بعد غياب يوم واحد", "عاد بعد غياب يومين",
                "عاد بعد غياب {n} أيام", "عاد بعد غياب {n} يومًا"),
            'en': plural("round(days_off_shelf_7d)", "back after 1 day away", "back after {n} days away"),
        },
        'few left': {
            'fr': "'plus que ' || " ~ whole("stock_left") ~ " || ' en stock'",
            'ar': arabic_plural("stock_left", "بقيت قطعة واحدة", "بقيت قطعتان", "بقيت {n} قطع", "بقيت {n} قطعة"),
            'en': "'only ' || " ~ whole("stock_left") ~ " || ' left'",
        },
        'climbed': {
            'fr': "'monte à la place ' || " ~ whole("position"),
            'ar': "'صعد إلى المرتبة ' || " ~ whole("position"),
            'en': "'up to place ' || " ~ whole("position"),
        },
        'sought': {
            'fr': "'plus regardé que d''habitude'",
            'ar': "'إقبال أكبر من المعتاد'",
            'en': "'more interest than usual'",
        },
        'well rated': {
            'fr': "'bien noté (' || replace(" ~ stars ~ ", '.', ',') || ' sur ' || " ~ whole("rating_count")
                ~ " || ' avis)'",
            'ar': "'تقييم جيد (' || replace(" ~ stars ~ ", '.', ',') || ' من ' || "
                ~ arabic_plural("rating_count", "تقييم واحد", "تقييمين", "{n} تقييمات", "{n} تقييمًا") ~ " || ')'",
            'en': "'well rated (' || " ~ stars ~ " || ' from ' || " ~ whole("rating_count") ~ " || ' reviews)'",
        },
        'new': {'fr': "'nouveau sur le marché'", 'ar': "'جديد في السوق'", 'en': "'new on the market'"},
        'little known': {'fr': "'encore peu de signes'", 'ar': "'المؤشرات لا تزال قليلة'", 'en': "'few signs so far'"},
    }) }}
{%- endmacro %}
