{# What this run creates in `marts` can be read by the role analyst, whichever role runs dbt, and also where the schema
was dropped and made again. Writes to the catalog only if something is missing. #}
{% macro let_analysts_read() -%}
    {{ return(adapter.dispatch('let_analysts_read')()) }}
{%- endmacro %}

{% macro default__let_analysts_read() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {{ analysts_read_sql() }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__let_analysts_read() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        call postgres_execute('pg', '{{ analysts_read_sql() | replace("'", "''") }}')
    {%- endif -%}
{%- endmacro %}

{% macro analysts_read_sql() -%}
    do $analysts$
    declare
        mart regclass;
    begin
        if to_regrole('analyst') is null or to_regnamespace('marts') is null then
            return;
        end if;
        if not has_schema_privilege('analyst', 'marts', 'usage') then
            grant usage on schema marts to analyst;
        end if;
        for mart in
            select oid from pg_class
            where relnamespace = 'marts'::regnamespace and relkind in ('r', 'p', 'v', 'm')
                and relowner = current_user::regrole and not has_table_privilege('analyst', oid, 'select')
        loop
            execute format('grant select on %s to analyst', mart);
        end loop;
        if not exists (
            select from pg_default_acl as d cross join aclexplode(d.defaclacl) as a
            where d.defaclrole = current_user::regrole and d.defaclnamespace = 'marts'::regnamespace
                and d.defaclobjtype = 'r' and a.grantee = 'analyst'::regrole and a.privilege_type = 'SELECT'
        ) then
            alter default privileges in schema marts grant select on tables to analyst;
        end if;
    end
    $analysts$
{%- endmacro %}
