{# The UTC day of an instant. #}
{% macro utc_day(instant) -%}
    cast({{ instant }} at time zone 'UTC' as date)
{%- endmacro %}

{# Days from one instant to a later one, as a fraction. Seconds are subtracted: subtracting instants with a time zone goes
through a calendar in DuckDB, and takes seventy times as long. #}
{% macro days_between(earlier, later) -%}
    cast((extract(epoch from {{ later }}) - extract(epoch from {{ earlier }})) / 86400.0 as double precision)
{%- endmacro %}
