-- An id can be committed after larger ones were read; the lookback is there to catch it, and this test to tell.
{{ config(severity='warn') }}

with

stored as (

    select
        count(*) as row_count,
        coalesce(max(observation_id), 0) as newest
    from {{ ref('stg_observations') }}

),

logged as (

    select count(*) as row_count
    from {{ source('market', 'observation') }}
    where id <= (select stored.newest from stored)

)

select
    stored.row_count as stored_rows,
    logged.row_count as logged_rows
from stored
cross join logged
where stored.row_count <> logged.row_count
