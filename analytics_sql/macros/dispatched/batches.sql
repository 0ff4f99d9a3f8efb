{#
    History is kept in incremental models whose rows bear the number of the run that wrote them: `batch`, the
    milliseconds since 1970 at which the run began, or one more than the newest that is stored. What a model has not seen
    yet of the one before it are the rows with a greater batch than any of its own.
#}
{% macro this_batch() -%}
    {%- set began = (run_started_at.timestamp() * 1000) | int -%}
    {%- if execute and is_incremental() -%}
        {{ return([began, batch_seen() + 1] | max) }}
    {%- endif -%}
    {{ return(began) }}
{%- endmacro %}

{# The greatest batch in this model, as a number: written into the statement, it lets the scan skip what is older. #}
{% macro batch_seen() -%}
    {%- if not execute -%}
        {{ return(0) }}
    {%- endif -%}
    {{ return(run_query('select coalesce(max(batch), 0) from ' ~ this).columns[0].values()[0] | int) }}
{%- endmacro %}
