{#
    Of an amount of money the share of a row with a weight among others, all whole numbers: that of all rows up to and with
    it (`weight_until` of `weight_of_all`), cut to the centime, less that of all before it, cut too. So the shares add up.
#}
{% macro share_of(amount, row) -%}
    {%- set centimes = '(' ~ amount ~ ') * 100' -%}
    {%- set until, weight, all = row ~ '.weight_until', row ~ '.weight', row ~ '.weight_of_all' -%}
    cast(cast(
        {{ adapter.dispatch('whole_part')(centimes, until, all) }}
        - {{ adapter.dispatch('whole_part')(centimes, until ~ ' - ' ~ weight, all) }}
        as numeric(18, 0)
    ) * 0.01 as numeric(14, 2))
{%- endmacro %}

{% macro default__whole_part(amount, part, whole) -%}
    (cast({{ amount }} as hugeint) * cast({{ part }} as hugeint)) // cast({{ whole }} as hugeint)
{%- endmacro %}

{% macro postgres__whole_part(amount, part, whole) -%}
    div(cast({{ amount }} as numeric) * cast({{ part }} as numeric), cast({{ whole }} as numeric))
{%- endmacro %}
