{# The UTC day of an instant. #}
{% macro utc_day(instant) -%}
    cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro %}

{# Days from one instant to a later one, as a fraction. #}
{% macro days_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) / 86400.0 as double precision)
{%- endmacro %}
