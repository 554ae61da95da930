-- What waits, in the order in which it is handed out: stop and delete first, people before the pool, then organizations in
-- turn, those with least under way first, then age. One order for the worker that takes and the person who waits (ADR 5).
-- Read by leases (what is next), tasks (a place in the queue) and the warm pool (whether people wait).
create or replace view work_queue as
select w.*, row_number() over (
    partition by w.driver order by w.builds, w.warm, w.turn, w.created_at, w.task_id) as place
from (
    select c.id as cluster_id, c.driver, c.host_id, c.lease_until, t.id as task_id, t.kind, t.created_at,
        c.goal = 'running' as builds, c.organization_id is null as warm,
        row_number() over (
            partition by c.driver, c.organization_id, c.goal = 'running' order by t.created_at, t.id
        ) + coalesce(busy.clusters, 0) as turn
    from cluster c
    join task t on t.cluster_id = c.id and t.status in ('pending', 'in_progress')
    left join (
        select organization_id, count(*) as clusters from cluster where lease_until > now() group by organization_id
    ) as busy on busy.organization_id = c.organization_id
    where c.lease_until is null or c.lease_until <= now()
) as w;
