-- Hosts, clusters, tasks, timed things.
create table host (
    id text primary key,
    driver text not null,
    last_seen_at timestamptz not null default now(),
    slots integer not null default 0,
    cpu_millis bigint not null default 0,
    memory_mib bigint not null default 0,
    memory_free_mib bigint not null default 0,
    disk_mib bigint not null default 0,
    disk_free_mib bigint not null default 0,
    reserved_cpu_millis bigint not null default 0,
    reserved_memory_mib bigint not null default 0,
    highest_fence bigint not null default 0,
    facts jsonb not null default '{}'
);

create sequence fence;

create table cluster (
    id uuid primary key,
    organization_id uuid references organization,
    workspace_id uuid references workspace,
    created_by uuid references "user",
    name text,
    status text not null,
    reason jsonb,
    k8s_version text not null,
    driver text not null,
    host_id text references host,
    generation integer not null default 1,
    data_generation integer not null default 1,
    goal text not null check (goal in ('running', 'stopped', 'deleted')),
    resources jsonb not null,
    desired_rev bigint not null default 1,
    fence bigint,
    lease_until timestamptz,
    worker text,
    worker_life text,
    api_port integer,
    admin_sealed bytea,
    expires_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz
);
create unique index cluster_name on cluster (workspace_id, name) where status <> 'DELETED';
create index cluster_organization on cluster (organization_id, created_at desc, id desc);
create index cluster_worker on cluster (worker) where lease_until is not null;

create table task (
    id uuid primary key,
    organization_id uuid references organization,
    workspace_id uuid references workspace,
    cluster_id uuid not null references cluster,
    kind text not null,
    status text not null,
    reason jsonb,
    attempt integer not null default 0,
    -- Acquires since a step last ended.
    barren integer not null default 0,
    version bigint not null default 1,
    created_by uuid references "user",
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz
);
create unique index task_open on task (cluster_id) where status in ('pending', 'in_progress');
create index task_organization on task (organization_id, created_at desc, id desc);
create index task_cluster on task (cluster_id, created_at desc);

create table task_step (
    task_id uuid not null references task,
    step text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    reason jsonb,
    primary key (task_id, step)
);

-- A person's number inside a cluster; their uid there follows from it.
create table cluster_person (
    cluster_id uuid not null references cluster,
    user_id uuid not null references "user" on delete cascade,
    number integer not null,
    primary key (cluster_id, user_id),
    unique (cluster_id, number)
);

create table due (
    kind text not null,
    key text not null,
    at timestamptz not null,
    tries integer not null default 0,
    primary key (kind, key)
);
create index due_at on due (at);
