{# A table of the DuckDB file, made anew by one statement that is a transaction of its own.

dbt-duckdb's `table` builds beside the old one, renames both and drops: eight statements more for every model, and most
of dbt's own time in a small refresh. #}
{% materialization replaced, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks) }}
    {% if existing_relation is not none and not existing_relation.is_table %}
        {{ drop_relation_if_exists(existing_relation) }}
    {% endif %}
    {% call statement('main', auto_begin=False) -%}
        create or replace table {{ target_relation }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
