{# Replacements one after the other: a list of [pattern, replacement], RE2, all matches. #}
{% macro replaced(expression, replacements) -%}
    {%- set ns = namespace(sql=expression) -%}
    {%- for pattern, replacement in replacements -%}
        {%- set ns.sql = "regexp_replace(" ~ ns.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')" -%}
    {%- endfor -%}
    {{ ns.sql }}
{%- endmacro %}

{#
    One spelling for what is written in many: lower case, no accents, Arabic letters in their plain form and its digits
    as 0-9, one kind of quote and dash, decimal points, and the few terms that are written in one word or in two.
#}
{% macro worded(text) -%}
    {%- set plain -%}
        translate(
            strip_accents(lower({{ text }})),
            'أإآٱىةؤئ٠١٢٣٤٥٦٧٨٩“”″ʺ’‘`´×–—‑−،؛',
            'اااايهوي0123456789""""''''''''x----,;'
        )
    {%- endset -%}
    {{ replaced(plain, [
        ['[\u064B-\u065F\u0670\u0640®™©°²]', ''],
        ["''''", '"'],
        ['\\b(\\d{1,3}),(\\d{3}) ?(mah|w|watts|btu|ml|g)\\b', '\\1\\2\\3'],
        ['\\b(\\d{1,3}),(\\d{1,2})( ?(?:"|pouces?|inch|g\\b|grs?\\b|kg|l\\b|cl\\b|ml|w\\b))', '\\1.\\2\\3'],
        ["''s\\b", ''],
        ['\\b(\\d+)(months?|years?|mois|ans)\\b', '\\1 \\2'],
        ['(\\d)x(\\d)', '\\1 x \\2'],
        ['([a-z]\\d{1,3})\\+([ ,(/-]|$)', '\\1 plus\\2'],
        ['\\bhewlett[ -]packard\\b', 'hp'],
        ['\\bsmart ?phones?\\b', 'smartphone'],
        ['\\bsmart ?watch(es)?\\b', 'smartwatch'],
        ['\\bpower ?banks?\\b', 'powerbank'],
        ['\\bplay ?station ?(\\d)', 'ps\\1'],
        ['\\btype[ -]c\\b', 'typec'],
        ['\\bwi[ -]fi\\b', 'wifi'],
        ['\\btp[ -]link\\b', 'tplink'],
        ['\\bt[ -]shirt', 'tshirt'],
        ['\\bdual shock\\b', 'dualshock'],
        ['\\bultra[ -]hd\\b', 'uhd'],
        ['\\bmulti[ -]?(couleur|color|colour|colore)s?\\b', 'multicolour'],
        ['\\bno[ -]frost\\b', 'nofrost'],
        ['\\b(sans fil|cordless)\\b', 'wireless'],
        ['\\bapres[ -]+shampo+ing', 'conditioner'],
        ['\\b(front|top)[ -]load(er)?\\b', '\\1load'],
        ['\\b(remise?s? a neuf|a neuf$)', 'reconditionne'],
        ['\\bit (\\d{4})\\b', '\\1'],
    ]) }}
{%- endmacro %}

{# Every number before one of the units, as numbers, times a factor. #}
{% macro numbers_of(expression, units, factor=1) -%}
    list_transform(
        regexp_extract_all({{ expression }}, '\b(\d+(?:\.\d+)?) ?-? ?(?:{{ units }})\b', 1),
        lambda found: cast(found as double) * {{ factor }}
    )
{%- endmacro %}

{# What a phone's or computer's title says besides its name: its name ends where the first of these begins. #}
{% macro device_specifications() -%}
    {{ return([
        '\\b\\d{1,4} ?((g?b)+|g) ?(ram|rom)?\\b', '\\b\\d{1,4} ?(go|giga|tb|to|mb|ssd|hdd)\\b',
        '\\b\\d{1,2} ?[/+] ?(16|32|64|128|256|512|1024)\\b',
        '\\b\\d{1,2}(\\.\\d+)? ?-? ?("|inch(es)?\\b|pouces?\\b)', '\\b\\d{1,2}\\.\\d{1,2}\\b',
        '\\b\\d{3,6} ?mah\\b', '\\b\\d{1,3}(\\.\\d+)? ?mp\\b',
        '\\b(dual|single|double|tripp?le|two|three) ?-?sim(cards?)?\\b',
        '\\b(19|20)\\d\\d\\b', '\\b(2g|3g|4g|5g|lte)\\b', '\\bandroid \\d+(\\.\\d+)?\\b', '\\bwin(dows|s)? ?\\d+\\b',
        '\\bi[3579]\\b([ -]*\\d{3,5}\\w*)?', '\\bryzen ?\\d?( pro)?([ -]*\\d{4}\\w*)?',
        '\\b(celeron|pentium|athlon)\\b( (n|j)?\\d{3,4})?', '\\bultra [579]\\b( ?\\d{3}\\w*)?', '\\bn\\d{3,4}\\b',
        '\\b\\d{1,2} ?(th|nd|rd|eme|ieme|e) ?(gen\\w*)?\\b', '\\bgen\\w*\\.? ?\\d{0,2}\\b', '\\b(rtx|gtx|rx|mx) ?\\d{3,4}( ?ti)?\\b',
        '\\b(ddr|lpddr) ?\\d\\w*\\b'
    ]) }}
{%- endmacro %}

{# What any other title says in numbers. #}
{% macro measures() -%}
    {{ return([
        '\\b\\d+(\\.\\d+)? ?-? ?(ml|cl|l|lt|ltr|litres?|liters?|mg|g|gr|grs|gm|grammes?|grams?|kg|kgs|kilos?)\\b',
        '\\b\\d+(\\.\\d+)? ?-? ?("|inch(es)?\\b|inche\\b|pouces?\\b)',
        '\\b\\d+(\\.\\d+)? ?(w|watts?|mah|mbps|btu|hz|gb|go|tb|to|v|volts?|mm|cm|m)\\b',
        '\\b(pack|lot|set|carton|boite|paquet|fardeau)s? ?-? ?(of|de|d)? ?\\d{1,3}\\b',
        '\\b\\d{1,4} ?-? ?(pcs?|pieces?|packs?|unites?|units?|paires?|pairs?|capsules?|sachets?|sticks?|tablets?|comprimes?)\\b',
        '\\bx ?\\d{1,4}\\b', '\\b\\d{1,4} ?x\\b'
    ]) }}
{%- endmacro %}

{# Of the titles in `model` those that this incremental model has not read yet, or has read with other words. #}
{% macro only_changed(model) -%}
    {%- if is_incremental() %}
        semi join (
            select listing_id, title, brand, vocabulary from {{ model }}
            except
            select listing_id, title, brand, vocabulary from {{ this }}
        ) as changed using (listing_id)
    {%- endif -%}
{%- endmacro %}

{# The only distinct values of a list, in order; null where there is none. #}
{% macro distinct_sorted(expression) -%}
    nullif(list_sort(list_distinct({{ expression }})), [])
{%- endmacro %}

{# Patterns, each to be replaced by a bar. #}
{% macro barred(patterns) -%}
    {%- set pairs = [] -%}
    {%- for pattern in patterns -%}{%- do pairs.append([pattern, ' | ']) -%}{%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}

{# Of two offers `one` and `other`: 2 where they say the same, 1 where one of them is silent, 0 in contradiction. #}
{% macro sameness(attribute) -%}
    case
        when one.{{ attribute }} is not distinct from other.{{ attribute }} then 2
        when one.{{ attribute }} is null or other.{{ attribute }} is null then 1
        else 0
    end
{%- endmacro %}

{# A signature that comes back is fresh again: meanwhile nobody was compared with it. #}
{% macro forget_pairs_of_gone_signatures() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where one_signature not in (select signature from {{ ref('int_products__signatures') }})
            or other_signature not in (select signature from {{ ref('int_products__signatures') }})
    {%- endif -%}
{%- endmacro %}
