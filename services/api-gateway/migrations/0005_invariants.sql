-- What must always hold, as views that must be empty: `detail` names the row, the comment says what
-- holds when there is none. Each is true in every snapshot of normal work, not only when all is quiet.

create view broken_work_without_task as
select id::text || ' is ' || status as detail from cluster c
where status in ('PROVISIONING', 'STARTING', 'STOPPING', 'UPGRADING', 'RESTORING', 'DELETING')
  and not exists (select 1 from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress'));
comment on view broken_work_without_task is 'A cluster on its way to something has an open task.';

create view broken_task_without_work as
select t.id::text || ': a ' || t.kind || ' of a cluster that is ' || c.status as detail
from task t join cluster c on c.id = t.cluster_id
where t.status in ('pending', 'in_progress')
  and (t.kind, c.status) not in (
    ('create', 'PROVISIONING'), ('start', 'STARTING'), ('stop', 'STOPPING'), ('delete', 'DELETING'));
comment on view broken_task_without_work is 'An open task and its cluster''s status say the same.';

create view broken_goal as
select id::text || ' is ' || status || ' and shall be ' || goal as detail from cluster
where (status, goal) in (
    ('RUNNING', 'stopped'), ('RUNNING', 'deleted'), ('STOPPED', 'running'), ('STOPPED', 'deleted'),
    ('DELETED', 'running'), ('DELETED', 'stopped'));
comment on view broken_goal is 'A cluster that rests is what it shall be.';

create view broken_lease as
select c.id::text || ' is leased to ' || coalesce(worker, 'nobody') as detail from cluster c
where lease_until is not null and (host_id is null or worker is null or worker_life is null or fence is null
    or not exists (select 1 from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress')));
comment on view broken_lease is 'A lease has a host, a worker, a fence and work.';

create view broken_task_end as
select id::text || ' is ' || status as detail from task
where (status in ('pending', 'in_progress')) <> (ended_at is null) or (status = 'failed' and reason is null);
comment on view broken_task_end is 'A task has ended when its status says so, and says why it failed.';

create view broken_deleted as
select id::text as detail from cluster
where status = 'DELETED' and (deleted_at is null or admin_sealed is not null or lease_until is not null);
comment on view broken_deleted is 'A deleted cluster keeps no lease and no credential.';

create view broken_unplaced as
select id::text || ' is ' || status as detail from cluster
where status in ('RUNNING', 'STOPPED') and host_id is null;
comment on view broken_unplaced is 'What runs or rests does so on a host.';

create view broken_reservation as
select h.id || ' has ' || h.reserved_memory_mib || ' MiB reserved for ' || coalesce(s.memory, 0) as detail
from host h
left join (
    select host_id, sum((resources ->> 'memory_mib')::bigint) as memory,
        sum((resources ->> 'cpu_millis')::bigint) as cpu
    from cluster where status <> 'DELETED' group by host_id
) as s on s.host_id = h.id
where h.reserved_memory_mib <> coalesce(s.memory, 0) or h.reserved_cpu_millis <> coalesce(s.cpu, 0);
comment on view broken_reservation is 'What is reserved on a host is what its clusters may use.';

create view broken_owner as
select id::text as detail from cluster
where num_nulls(organization_id, workspace_id, created_by, name, expires_at) not in (0, 5);
comment on view broken_owner is 'A cluster is wholly somebody''s or wholly warm.';

create view broken_expiry as
select c.id::text || ' is ' || c.status as detail from cluster c, installation i
where c.expires_at < now() - interval '60 seconds' and c.status not in ('DELETING', 'DELETED') and i.locked is null;
comment on view broken_expiry is 'Nothing lives a minute beyond its end.';

create view broken_due as
select d.kind || ' of ' || d.key as detail from due d
where d.key like 'clu\_%' and not exists (
    select 1 from cluster c where 'clu_' || replace(c.id::text, '-', '') = d.key and c.status <> 'DELETED');
comment on view broken_due is 'Timed things are of clusters that live.';

create view broken_outbox as
select seq::text as detail from outbox where (event ->> 'time')::timestamptz < now() - interval '10 seconds';
comment on view broken_outbox is 'What was committed is in the log within ten seconds.';

create view broken_log as
select 'it ends at ' || h.position || ', its last event is ' || m.last as detail
from log_head h, (select max(position) as last from event) as m where m.last <> h.position
union all
select 'a hole before ' || position from (
    select position, position - lag(position) over (order by position) as step
    from event where position > (select position - 10000 from log_head)) as recent
where step <> 1;
comment on view broken_log is 'The log ends where it says, and has no holes.';

create view broken_orphan as
select host_id || ': ' || name as detail from orphan where first_seen_at < now() - interval '10 minutes';
comment on view broken_orphan is 'What belongs to no cluster that lives is gone within ten minutes.';

create view broken_silence as
select id::text || ' waits since ' || created_at as detail from task
where status = 'pending' and reason is null and created_at < now() - interval '10 minutes';
comment on view broken_silence is 'What waits for long says why.';
