{# Product, day and expected units of the forecast. It is made in DuckDB alone; in PostgreSQL alone none is known. #}
{% macro forecast_demand() -%}
    {{ return(adapter.dispatch('forecast_demand')()) }}
{%- endmacro %}

{% macro default__forecast_demand() -%}
    select
        product_id,
        cast(expected_units as numeric(12, 3)) as expected_units
    from {{ ref('int_demand__forecast') }}
{%- endmacro %}

{% macro postgres__forecast_demand() -%}
    select
        product_id,
        cast(null as numeric(12, 3)) as expected_units
    from {{ ref('stg_products') }}
    where false
{%- endmacro %}
