select
    'trend_signals' as seed,
    part,
    sum(weight) as weight
from {{ ref('trend_signals') }}
group by part
having sum(weight) <> 1

union all

select
    'trend_drivers' as seed,
    part,
    sum(weight) as weight
from {{ ref('trend_drivers') }}
group by part
having sum(weight) <> 1
