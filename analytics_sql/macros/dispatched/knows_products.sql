{# Whether this engine matches listings to products: Postgres alone has not the functions over lists that it takes. #}
{% macro knows_products() -%}
    {{ return(target.type == 'duckdb') }}
{%- endmacro %}
