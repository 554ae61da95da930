-- Invariant (docs/adding.md): hosts whose reservations are not what their clusters may use.
create or replace view broken_reservation as
select h.id || ' has ' || h.reserved_memory_mib || ' MiB reserved for ' || coalesce(s.memory, 0) as detail
from host h
left join (
    select host_id, sum((resources ->> 'memory_mib')::bigint) as memory,
        sum((resources ->> 'cpu_millis')::bigint) as cpu
    from cluster where status <> 'DELETED' group by host_id
) as s on s.host_id = h.id
where h.reserved_memory_mib <> coalesce(s.memory, 0) or h.reserved_cpu_millis <> coalesce(s.cpu, 0);
comment on view broken_reservation is 'What is reserved on a host is what its clusters may use.';
