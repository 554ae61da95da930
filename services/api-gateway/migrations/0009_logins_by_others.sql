-- Logins by others: providers of identities, devices, pipelines.

-- Who somebody is at a provider. Found by issuer and subject alone; the address is what the provider said last.
create table identity (
    id uuid primary key,
    user_id uuid not null references "user" on delete cascade,
    provider text not null,
    issuer text not null,
    subject text not null,
    email text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    unique (issuer, subject)
);
create index identity_of_user on identity (user_id);

-- A browser on its way to a provider and back. Nonce and verifier follow from what the browser holds; here
-- are hashes of what it has to show again, once.
create table login_flow (
    state_hash bytea primary key,
    provider text not null,
    browser_hash bytea not null,
    next text not null,
    invitation_id uuid,
    link_session_id uuid references session on delete cascade,
    expires_at timestamptz not null
);
create index login_flow_expires on login_flow (expires_at);

-- A program that asks to be let in as whoever approves it.
create table device_login (
    device_hash bytea primary key,
    user_code_hash bytea not null unique,
    client text not null,
    address text,
    status text not null default 'pending' check (status in ('pending', 'approved', 'denied')),
    user_id uuid references "user" on delete cascade,
    pause_secs integer not null check (pause_secs > 0),
    polled_at timestamptz,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    check ((status = 'approved') = (user_id is not null))
);
create index device_login_expires on device_login (expires_at);

-- Which pipelines may come in as a member that is nobody's own login.
alter table "user" add column service_of uuid references organization on delete cascade;
create table trust (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    user_id uuid not null references "user" on delete cascade,
    issuer text not null,
    audience text not null,
    claims jsonb not null,
    level text not null check (level in ('read', 'use', 'change')),
    minutes integer not null check (minutes between 1 and 60),
    created_by uuid not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    ended_at timestamptz
);
create index trust_of_organization on trust (organization_id);

alter table session
    drop constraint session_kind,
    drop constraint session_secret,
    drop constraint session_scope,
    -- The identity that began it: what ends that ends this.
    add column identity_id uuid references identity on delete set null,
    add constraint session_kind check (kind in ('browser', 'machine', 'token', 'pipeline')),
    add constraint session_secret check ((kind in ('machine', 'pipeline')) = (secret_hash is null)),
    add constraint session_scope check ((kind in ('token', 'pipeline')) = (scope_level is not null) and (kind = 'token') = (prefix is not null));
create index session_of_identity on session (identity_id) where identity_id is not null;
