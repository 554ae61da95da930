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

create index task_lately on task (ended_at desc) where status = 'completed';
create index task_failed on task (ended_at desc) where status = 'failed';

-- What is told to one person, for their timeline.
create index event_user on event ((audience ->> 'user_id'), position) where audience ->> 'to' = 'user';
