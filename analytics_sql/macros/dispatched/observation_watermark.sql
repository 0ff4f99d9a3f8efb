{# The id above which observations are read: the newest stored one, less `observation_lookback`.

Written into the statement as a number. As a subquery it would not reach Postgres, and DuckDB would read the whole log. #}
{% macro observation_watermark() -%}
    {%- if not execute -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set newest = run_query('select coalesce(max(observation_id), 0) from ' ~ this).columns[0].values()[0] -%}
    {{ return([0, newest | int - var('observation_lookback')] | max) }}
{%- endmacro %}

{# Has the stored history made anew where it is not of this database: DATABASE_URL was changed, or the server made anew. #}
{% macro forget_foreign_history() -%}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ('run', 'build') -%}
        {%- set stored = adapter.get_relation(target.database, 'staging', 'stg_observations') -%}
        {%- if stored is not none -%}
            {%- set newest -%}
                select observation_id, listing_id, epoch_us(observed_at) from {{ stored }} order by observation_id desc limit 1
            {%- endset -%}
            {%- for row in run_query(newest).rows -%}
                {%- set twin -%}
                    select 1 from {{ source('market', 'observation') }}
                    where id = {{ row[0] }} and listing_id = {{ row[1] }} and epoch_us(observed_at) = {{ row[2] }}
                {%- endset -%}
                {%- if run_query(twin).rows | length == 0 -%}
                    {%- do log('The stored history is not of this database; it is read anew.', info=true) -%}
                    {%- do run_query('delete from fingerprints') -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
