{# By how much a number rose; 0 where it fell, null where either is not known. #}
{% macro rise(before, after) -%}
    case when {{ after }} >= {{ before }} then {{ after }} - {{ before }} when {{ after }} < {{ before }} then 0 end
{%- endmacro %}

{#
    The same without leaps: a number that more than doubles, by more than `most`, was corrected or merged by its market, and
    nobody bought that.
#}
{% macro steady_rise(before, after, most) -%}
    case
        when {{ after }} > {{ before }} + greatest({{ before }}, {{ most }}) then 0
        when {{ after }} >= {{ before }} then {{ after }} - {{ before }}
        when {{ after }} < {{ before }} then 0
    end
{%- endmacro %}

{# Logarithm of the weekly pace lately over the usual one; two imagined events a week keep small numbers quiet. #}
{% macro surge(recent, usual, days) -%}
    ln(
        (
            7.0 * {{ recent }}
            / ({{ var('trend_half_life_days') }} / ln(2.0) * (1 - power(0.5, {{ days }} / {{ var('trend_half_life_days') }})))
            + 2
        )
        / (7.0 * {{ usual }} / {{ days }} + 2)
    )
{%- endmacro %}
