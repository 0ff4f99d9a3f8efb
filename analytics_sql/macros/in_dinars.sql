{#
    An amount in dinars to the centime; null without a rate, and where the dinars no longer fit numeric(14,2). The wide
    cast keeps the product exact: real ads ask for hundreds of billions, and 18 digits overflow.
#}
{% macro in_dinars(amount, rate) -%}
    {%- set product -%} cast({{ amount }} as numeric(20, 2)) * {{ rate }} {%- endset -%}
    case when {{ product }} < 999999999999 then cast(round({{ product }}, 2) as numeric(14, 2)) end
{%- endmacro %}
