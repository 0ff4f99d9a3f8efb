{# The newest value that is not null, over a window of the query. #}
{% macro last_known(expression, window='history') -%}
    {{ return(adapter.dispatch('last_known')(expression, window)) }}
{%- endmacro %}

{% macro default__last_known(expression, window) -%}
    last_value({{ expression }} ignore nulls) over {{ window }}
{%- endmacro %}

{# PostgreSQL has no `ignore nulls`; an aggregate with a strict transition function skips them. #}
{% macro postgres__last_known(expression, window) -%}
    {{ target.schema }}.last_known({{ expression }}) over {{ window }}
{%- endmacro %}

{% macro create_last_known_aggregate() -%}
    {%- if target.type == 'postgres' -%}
        create schema if not exists {{ target.schema }};
        create or replace function {{ target.schema }}.newer(anyelement, anyelement) returns anyelement
        language sql immutable strict parallel safe as 'select $2';
        create or replace aggregate {{ target.schema }}.last_known(anyelement) (
            sfunc = {{ target.schema }}.newer, stype = anyelement, parallel = safe
        );
    {%- endif -%}
{%- endmacro %}
