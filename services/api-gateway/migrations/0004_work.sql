-- Work that survives: retries, step logs, repeated requests, idle stops, health, orphans, the pool.

-- A warm cluster is a row without an owner; claiming it is one update.
create index cluster_warm on cluster (k8s_version, status) where organization_id is null;

alter table task
    add column retry_of uuid references task;
create unique index task_retry on task (retry_of);

alter table task_step
    add column worker text,
    add column log jsonb not null default '[]';

alter table cluster
    add column health text not null default 'OK',
    add column auto_stop_minutes integer,
    add column used_at timestamptz not null default now(),
    add column used_for text not null default 'create';

alter table host
    add column load_hundredths integer not null default 0,
    add column pool_wanted integer not null default 0,
    -- Until then its whole ledger may go: an administrator has looked at it.
    add column reap_until timestamptz;
create index cluster_host on cluster (host_id, fence desc);

alter table installation
    -- Nothing new is warmed up.
    add column pool_paused boolean not null default false,
    -- Why nothing is removed and nothing created: the database is older than what its hosts have seen.
    add column locked jsonb;

-- An answer that was given stays the answer to the same key for a day.
create table idempotency_key (
    user_id uuid not null references "user" on delete cascade,
    key text not null,
    -- Of method, path and body.
    request bytea not null,
    answer jsonb,
    at timestamptz not null default now(),
    primary key (user_id, key)
);
create index idempotency_key_at on idempotency_key (at);

-- What bears our label on a host and belongs to no cluster that lives.
create table orphan (
    host_id text not null references host,
    name text not null,
    role text not null,
    cluster_id uuid not null,
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    -- Complete listings it was found in, one after the other.
    seen integer not null default 1,
    primary key (host_id, name)
);

-- What waits, in the order in which it is handed out: stop and delete first, people before the pool,
-- then organizations in turn, those with least under way first, then age. One order for the worker
-- that takes and the person who waits.
create view work_queue as
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

-- Seconds until the work at a place begins, by how long creates and starts took lately and how many
-- clusters the driver's hosts work on at once; null while nothing is known.
create function queue_wait(of_driver text, place bigint) returns double precision language sql stable as $$
    select floor((place - 1 + b.busy) / greatest(h.slots, 1)::double precision) * l.secs
    from (select sum(slots) as slots from host
          where driver = of_driver and last_seen_at > now() - interval '30 seconds') as h,
         (select count(*) as busy from cluster where driver = of_driver and lease_until > now()) as b,
         (select avg(extract(epoch from ended_at - started_at))::double precision as secs from (
            select started_at, ended_at from task
            where status = 'completed' and kind in ('create', 'start') and started_at is not null
            order by ended_at desc limit 20) as lately) as l
    where h.slots is not null and l.secs is not null
$$;
create index task_lately on task (ended_at desc) where status = 'completed';
create index task_failed on task (ended_at desc) where status = 'failed';

-- What is told to one person, for their timeline.
create index event_user on event ((audience ->> 'user_id'), position) where audience ->> 'to' = 'user';

-- Removes whole days of events that are older than is kept.
create function drop_event_partitions(keep integer) returns void language plpgsql as $$
declare
    part text;
begin
    for part in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'event'::regclass and c.relname ~ '^event_[0-9]{8}$'
          and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep
        order by c.relname limit 7
    loop
        execute format('drop table %I', part);
    end loop;
end $$;
