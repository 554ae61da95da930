-- Invariant (docs/adding.md): leases that lack a host, a worker, a fence or work.
create or replace view broken_lease as
select c.id::text || ' is leased to ' || coalesce(worker, 'nobody') as detail from cluster c
where lease_until is not null and (host_id is null or worker is null or worker_life is null or fence is null
    or not exists (select 1 from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress')));
comment on view broken_lease is 'A lease has a host, a worker, a fence and work.';
