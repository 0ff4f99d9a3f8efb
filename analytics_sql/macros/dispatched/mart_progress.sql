{#
    How far a mart that is written by its changes has come: the newest batch of history in it, and the history that it
    belongs to, by its first batch. Kept in PostgreSQL in the transaction that writes the mart, so that a run which was
    killed, or a DuckDB file that was lost, leaves no gap: what is not of this history is written whole.
#}
{% macro create_mart_progress() -%}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ('run', 'build') -%}
        {%- set sql -%}
            create schema if not exists analytics;
            create table if not exists analytics.mart_progress (
                mart text primary key, history bigint not null, batch bigint not null, columns text not null
            )
        {%- endset -%}
        {%- do run_query("call postgres_execute('pg', '" ~ sql ~ "')") -%}
    {%- endif -%}
{%- endmacro %}

{# The first and the newest batch of the history in the DuckDB file. #}
{% macro history_span() -%}
    {#- By its name: the mart reads models that come after it, and `ref` would make it read this one. -#}
    {%- set history = adapter.get_relation(target.database, 'staging', 'stg_observations') -%}
    {%- set found = run_query('select coalesce(min(batch), 0), coalesce(max(batch), 0) from ' ~ history).rows[0] -%}
    {{ return((found[0] | int, found[1] | int)) }}
{%- endmacro %}

{# The batch up to which this mart in PostgreSQL is complete; none where it has to be written whole. #}
{% macro mart_written_until() -%}
    {%- if not execute or target.type != 'duckdb' or flags.WHICH not in ('run', 'build') or should_full_refresh() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set progress -%}
        select history, batch from postgres_query(
            'pg',
            'select history, batch from analytics.mart_progress where mart = ''{{ this.identifier }}''
            and columns = ''{{ mart_columns() }}'' and to_regclass(''{{ native(this) }}'') is not null'
        )
    {%- endset -%}
    {%- set first, newest = history_span() -%}
    {%- for row in run_query(progress).rows if row[0] | int == first and row[1] | int <= newest -%}
        {{ return(row[1] | int) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{# Names and types of the contract: another contract is another table. #}
{% macro mart_columns() -%}
    {%- set words = [] -%}
    {%- for column in model.columns.values() -%}{%- do words.append(column.name ~ ' ' ~ column.data_type) -%}{%- endfor -%}
    {{ return(local_md5(words | join(', ') ~ model.checksum.checksum)) }}
{%- endmacro %}

{% macro mart_progress_sql() -%}
    {%- set first, newest = history_span() -%}
    insert into analytics.mart_progress values ('{{ this.identifier }}', {{ first }}, {{ newest }}, '{{ mart_columns() }}')
    on conflict (mart) do update set
        history = excluded.history, batch = excluded.batch, columns = excluded.columns
{%- endmacro %}

{# Puts the rows of `fresh` in the place of those with the same keys. #}
{% macro exchange_rows_sql(relation, fresh, keys) -%}
    {%- set pairs = [] -%}
    {%- for key in keys -%}{%- do pairs.append('old.' ~ key ~ ' = fresh.' ~ key) -%}{%- endfor -%}
    analyze {{ native(fresh) }};
    delete from {{ native(relation) }} as old using {{ native(fresh) }} as fresh where {{ pairs | join(' and ') }};
    insert into {{ native(relation) }} select * from {{ native(fresh) }};
    drop table {{ native(fresh) }}
{%- endmacro %}
