{# By how much a number rose; 0 where it fell, null where either is not known. #}
{% macro rise(before, after) -%}
    case when {{ after }} >= {{ before }} then {{ after }} - {{ before }} when {{ after }} < {{ before }} then 0 end
{%- endmacro %}
