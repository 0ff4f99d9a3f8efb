{# A text of a JSON document; null where it has none under that name. #}
{% macro json_text(document, name) -%}
    {{ return(adapter.dispatch('json_text')(document, name)) }}
{%- endmacro %}

{% macro default__json_text(document, name) -%}
    json_extract_string({{ document }}, '$.{{ name }}')
{%- endmacro %}

{% macro postgres__json_text(document, name) -%}
    ({{ document }} ->> '{{ name }}')
{%- endmacro %}
