{# Rows for which an expression over the row is false. Null passes: what is not known breaks no rule. #}
{% test holds(model, expression) %}
    select * from {{ model }} where not ({{ expression }})
{% endtest %}

{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test one_row(model) %}
    select count(*) as row_count from {{ model }} having count(*) <> 1
{% endtest %}

{% test at_least(model, column_name, value) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} < {{ value }}
{% endtest %}

{% test within(model, column_name, least, most) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} not between {{ least }} and {{ most }}
{% endtest %}

{% test says_something(model, column_name) %}
    select {{ column_name }} from {{ model }} where trim({{ column_name }}) = ''
{% endtest %}

{# Shares of a whole, each rounded to four decimals; a whole without shares is none. #}
{% test adds_up_to_one(model, column, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ column }} is not null
    group by {{ columns | join(', ') }}
    having abs(sum({{ column }}) - 1) > 0.0001 * count(*)
{% endtest %}
