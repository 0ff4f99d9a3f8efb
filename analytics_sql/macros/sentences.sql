{# A whole number as text. #}
{% macro whole(expression) -%}
    cast(cast(round(cast({{ expression }} as numeric(18, 4)), 0) as bigint) as varchar)
{%- endmacro %}

{# The first letter as a capital. #}
{% macro capitalised(expression) -%}
    upper(substr({{ expression }}, 1, 1)) || substr({{ expression }}, 2)
{%- endmacro %}

{# One form for exactly one, another for more; `{n}` in the text is the number. French and English. #}
{% macro plural(number, one, many) -%}
    case when {{ number }} = 1 then '{{ one }}' else replace('{{ many }}', '{n}', {{ whole(number) }}) end
{%- endmacro %}

{# Arabic counts in four forms: one, two, three to ten, more. #}
{% macro arabic_plural(number, one, two, few, many) -%}
    case
        when {{ number }} = 1 then '{{ one }}'
        when {{ number }} = 2 then '{{ two }}'
        when mod({{ number }}, 100) between 3 and 10 then replace('{{ few }}', '{n}', {{ whole(number) }})
        else replace('{{ many }}', '{n}', {{ whole(number) }})
    end
{%- endmacro %}
