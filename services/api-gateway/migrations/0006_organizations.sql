-- Invitations, quotas, shares, the audit.

create table invitation (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
    email text check (email = lower(email)),
    uses_left integer not null check (uses_left >= 0),
    created_by uuid not null references "user" on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index invitation_of_organization on invitation (organization_id);

-- What a workspace may hold; null is without a limit of its own.
alter table workspace
    add column quota_clusters integer check (quota_clusters >= 0),
    add column quota_cpu_millis integer check (quota_cpu_millis >= 0),
    add column quota_memory_mib integer check (quota_memory_mib >= 0),
    add column quota_cluster_hours integer check (quota_cluster_hours >= 0),
    -- Its deleted clusters stay readable, so the row stays too.
    add column deleted_at timestamptz,
    drop constraint workspace_organization_id_name_key;
create unique index workspace_name on workspace (organization_id, name) where deleted_at is null;

-- A grant on one cluster: to a person, or a link that has uses; who takes a link gets a row of their
-- own. The secrets of links and invitations are computed from their IDs and kept nowhere.
create table share (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    cluster_id uuid not null references cluster on delete cascade,
    user_id uuid references "user" on delete cascade,
    link_id uuid references share on delete cascade,
    level text not null check (level in ('namespaces', 'viewer', 'operator')),
    namespaces jsonb not null default '[]',
    uses_left integer check (uses_left >= 0),
    created_by uuid not null references "user" on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    ended_at timestamptz,
    check ((user_id is null) = (uses_left is not null)),
    unique (link_id, user_id)
);
create index share_of_cluster on share (cluster_id);
create index share_of_user on share (user_id, cluster_id);

-- What was done, by whom, from where, and whether it was allowed. Nothing here points at another
-- table: it outlives what it is about. Only old rows ever go (sql/audit_append_only.sql), by housekeeping.
create table audit (
    number bigint primary key generated always as identity,
    at timestamptz not null default clock_timestamp(),
    organization_id uuid,
    workspace_id uuid,
    cluster_id uuid,
    user_id uuid,
    email text,
    action text not null,
    object text,
    allowed boolean not null,
    code text,
    address text,
    detail jsonb
);
create index audit_of_organization on audit (organization_id, number desc);
create index audit_of_user on audit (user_id, number desc);
create index audit_of_cluster on audit (cluster_id, number desc) where cluster_id is not null;
