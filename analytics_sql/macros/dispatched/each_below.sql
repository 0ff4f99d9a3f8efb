{# Expands a row into one row for each number from 0 to `length` - 1. #}
{% macro each_below(length) -%}
    {{ return(adapter.dispatch('each_below')(length)) }}
{%- endmacro %}

{% macro default__each_below(length) -%}
    unnest(range({{ length }}))
{%- endmacro %}

{% macro postgres__each_below(length) -%}
    generate_series(0, {{ length }} - 1)
{%- endmacro %}
