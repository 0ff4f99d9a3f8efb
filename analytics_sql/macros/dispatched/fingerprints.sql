{#
    A model whose rows are kept from run to run is only as good as the SQL and the seeds that made them. Beside it in the
    DuckDB file stands the checksum of all of these; with another one the model is made anew, as with --full-refresh.
#}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}{%- set asked = flags.FULL_REFRESH -%}{%- endif -%}
    {{ return(asked or is_outdated()) }}
{%- endmacro %}

{% macro is_outdated() -%}
    {%- if not execute or target.type != 'duckdb' or config.get('materialized') != 'incremental' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set kept -%}
        select 1 from fingerprints where model = '{{ model.name }}' and fingerprint = '{{ fingerprint() }}'
    {%- endset -%}
    {{ return(run_query(kept).rows | length == 0) }}
{%- endmacro %}

{# Of the model and everything above it. #}
{% macro fingerprint() -%}
    {%- set checksums = {} -%}
    {%- do add_checksums(model.unique_id, checksums) -%}
    {{ return(local_md5(tojson(checksums, sort_keys=true))) }}
{%- endmacro %}

{% macro add_checksums(unique_id, checksums) -%}
    {%- if unique_id in graph.nodes and unique_id not in checksums -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- do checksums.update({unique_id: node.checksum.checksum}) -%}
        {%- for above in node.get('depends_on', {}).get('nodes', []) -%}
            {%- do add_checksums(above, checksums) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro create_fingerprints() -%}
    {%- if target.type == 'duckdb' -%}
        create table if not exists fingerprints (model varchar primary key, fingerprint varchar not null)
    {%- endif -%}
{%- endmacro %}

{# A post-hook of every model that is kept. #}
{% macro keep_fingerprint() -%}
    {%- if execute and target.type == 'duckdb' -%}
        insert or replace into fingerprints values ('{{ model.name }}', '{{ fingerprint() }}')
    {%- endif -%}
{%- endmacro %}
