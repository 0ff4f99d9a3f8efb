{# A table in the attached Postgres, written in one transaction while it is read.

The table, its indexes and comments are made beside the old one; then, still in the same transaction, the old one is
dropped and the new one takes its name. A reader sees the one or the other, and waits for the swap alone, not for the
indexes. With a `unique_key`, and a model that selects only what is newer than `mart_written_until()`, the rows of these
keys are exchanged instead, in one transaction as well. #}
{% materialization mart, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set fresh_relation = make_intermediate_relation(target_relation) -%}
    {%- set written_until = mart_written_until() if config.get('unique_key') else none -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('create') -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
        drop table if exists {{ fresh_relation }};
        create table {{ fresh_relation }} {{ get_table_columns_and_constraints() }};
    {%- endcall %}
    {% call statement('main') -%}
        insert into {{ fresh_relation }} {{ get_column_names() }} (
            {{ get_select_subquery(compiled_code) }}
        );
    {%- endcall %}

    {% if written_until is not none %}
        {% do in_postgres(exchange_rows_sql(target_relation, fresh_relation, config.get('unique_key'))) %}
    {% else %}
        {% do in_postgres(
            mart_types_sql(fresh_relation) ~ mart_indexes_sql(fresh_relation) ~ mart_comments_sql(fresh_relation)
            ~ lock_patiently_sql(target_relation) ~ "; drop table if exists " ~ native(target_relation) ~ " cascade; "
            ~ "alter table " ~ native(fresh_relation) ~ " rename to " ~ adapter.quote(target_relation.identifier) ~ "; "
            ~ "analyze " ~ native(target_relation)
        ) %}
    {% endif %}
    {% if config.get('unique_key') %}
        {% do in_postgres(mart_progress_sql()) %}
    {% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {% do run_query('call pg_clear_cache()') %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Runs a statement in Postgres itself, within the transaction of the DuckDB statements around it. #}
{% macro in_postgres(sql) -%}
    {% call statement('in_postgres') -%}
        call postgres_execute('{{ this.database }}', '{{ sql | replace("'", "''") }}')
    {%- endcall %}
{%- endmacro %}

{# The relation's name as Postgres knows it. #}
{% macro native(relation) -%}
    {{ return(relation.include(database=false) | string) }}
{%- endmacro %}

{# Who waits for an exclusive lock makes every new reader wait behind it. So: short tries, up to a minute. #}
{% macro lock_patiently_sql(relation) -%}
    do $lock$
    begin
        set local lock_timeout = '300ms';
        for attempt in 1..60 loop
            begin
                if to_regclass('{{ native(relation) }}') is not null then
                    lock table {{ native(relation) }} in access exclusive mode;
                end if;
                return;
            exception when lock_not_available then
                perform pg_sleep(0.7);
            end;
        end loop;
        raise exception 'a transaction has been reading {{ native(relation) }} for a minute; the mart was not replaced';
    end
    $lock$
{%- endmacro %}

{# DuckDB writes `varchar` for text, and numerics and times as they are. #}
{% macro mart_types_sql(relation) -%}
    {%- for column in model.columns.values() if column.data_type == 'text' -%}
        alter table {{ native(relation) }} alter column {{ column.name }} type text;
    {%- endfor -%}
{%- endmacro %}

{# The config `indexes`, in the words of dbt-postgres: columns, unique, type. #}
{% macro mart_indexes_sql(relation) -%}
    set local maintenance_work_mem = '256MB';
    {%- for index in config.get('indexes', []) -%}
        create {{ 'unique' if index.unique }} index on {{ native(relation) }} using {{ index.type or 'btree' }} ({{ index.columns | join(', ') }});
    {%- endfor -%}
{%- endmacro %}

{% macro mart_comments_sql(relation) -%}
    comment on table {{ native(relation) }} is {{ duckdb_escape_comment(model.description) }};
    {%- for column in model.columns.values() if column.description -%}
        comment on column {{ native(relation) }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor -%}
{%- endmacro %}
