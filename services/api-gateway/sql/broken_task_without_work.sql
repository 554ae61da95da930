-- Invariant (docs/adding.md): open tasks of clusters whose status says something else.
create or replace view broken_task_without_work as
select t.id::text || ': a ' || t.kind || ' of a cluster that is ' || c.status as detail
from task t join cluster c on c.id = t.cluster_id
where t.status in ('pending', 'in_progress')
  and (t.kind, c.status) not in (
    ('create', 'PROVISIONING'), ('start', 'STARTING'), ('stop', 'STOPPING'), ('delete', 'DELETING'));
comment on view broken_task_without_work is 'An open task and its cluster''s status say the same.';
