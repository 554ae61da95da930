-- Invariant (docs/adding.md): clusters that are on their way to something and have no open task.
create or replace view broken_work_without_task as
select id::text || ' is ' || status as detail from cluster c
where status in ('PROVISIONING', 'STARTING', 'STOPPING', 'UPGRADING', 'RESTORING', 'DELETING')
  and not exists (select 1 from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress'));
comment on view broken_work_without_task is 'A cluster on its way to something has an open task.';
