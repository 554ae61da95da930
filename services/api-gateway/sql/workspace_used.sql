-- What a workspace holds, as its quota counts it: hours are those in which a cluster exists in this month, up to the end
-- that a live one has.
-- Called by `workspace::used`, for quotas and for what a workspace shows.
create or replace function workspace_used(wanted uuid)
    returns table (clusters bigint, cpu_millis bigint, memory_mib bigint, cluster_hours double precision)
    language sql stable as $$
    select count(*) filter (where c.status not in ('DELETED', 'DELETING')),
        coalesce(sum((c.resources ->> 'cpu_millis')::bigint) filter (where c.status not in ('DELETED', 'DELETING', 'STOPPED')), 0)::bigint,
        coalesce(sum((c.resources ->> 'memory_mib')::bigint) filter (where c.status not in ('DELETED', 'DELETING', 'STOPPED')), 0)::bigint,
        coalesce(sum(extract(epoch from greatest(interval '0',
            least(coalesce(c.deleted_at, c.expires_at), month.ends) - greatest(c.created_at, month.begins)))), 0)::double precision / 3600
    from cluster c,
        (select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' as begins,
            (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC' as ends) as month
    where c.workspace_id = wanted and (c.deleted_at is null or c.deleted_at > month.begins)
$$;
