{# Of the rows of a group that say something, what the one with the least `place` says. #}
{% macro first_known(expression, place) -%}
    {{ return(adapter.dispatch('first_known')(expression, place)) }}
{%- endmacro %}

{% macro default__first_known(expression, place) -%}
    arg_min({{ expression }}, {{ place }})
{%- endmacro %}

{% macro postgres__first_known(expression, place) -%}
    (array_agg({{ expression }} order by {{ place }}) filter (where {{ expression }} is not null))[1]
{%- endmacro %}
