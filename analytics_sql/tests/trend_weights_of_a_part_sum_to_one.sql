select
    part,
    sum(weight) as weight
from {{ ref('trend_signals') }}
group by part
having sum(weight) <> 1
