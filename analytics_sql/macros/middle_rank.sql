{# Percent rank from 0 to 1 in which those that tie share the middle of their places; 0.5 where all do. #}
{% macro middle_rank(partition, value) -%}
    (
        1
        + percent_rank() over (partition by {{ partition }} order by {{ value }})
        - percent_rank() over (partition by {{ partition }} order by {{ value }} desc)
    ) / 2
{%- endmacro %}
