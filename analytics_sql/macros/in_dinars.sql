{# An amount in dinars to the centime; null without a rate, and where the dinars no longer fit numeric(14,2). #}
{% macro in_dinars(amount, rate) -%}
    case when {{ amount }} * {{ rate }} < 999999999999 then cast(round({{ amount }} * {{ rate }}, 2) as numeric(14, 2)) end
{%- endmacro %}
