-- PostgreSQL refuses a stock below zero, so a unit without a lot is one that was read without its receipt.
select *
from {{ ref('int_stock__issues_costed') }}
where lot_id is null
