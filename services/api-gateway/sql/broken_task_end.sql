-- Invariant (docs/adding.md): tasks whose end and status disagree, and failures without a reason.
create or replace view broken_task_end as
select id::text || ' is ' || status as detail from task
where (status in ('pending', 'in_progress')) <> (ended_at is null) or (status = 'failed' and reason is null);
comment on view broken_task_end is 'A task has ended when its status says so, and says why it failed.';
