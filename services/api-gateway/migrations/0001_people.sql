-- People, organizations, logins.
create table installation (
    id uuid primary key,
    made_at timestamptz not null default now()
);
insert into installation (id) values (gen_random_uuid());

create table "user" (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    password_hash text not null,
    is_admin boolean not null default false,
    created_at timestamptz not null default now()
);

create table organization (
    id uuid primary key,
    name text not null,
    personal boolean not null default false,
    created_at timestamptz not null default now()
);

create table member (
    organization_id uuid not null references organization on delete cascade,
    user_id uuid not null references "user" on delete cascade,
    role text not null check (role in ('viewer', 'member', 'admin', 'owner')),
    created_at timestamptz not null default now(),
    primary key (organization_id, user_id)
);
create index member_of_user on member (user_id);

create table workspace (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    name text not null,
    created_at timestamptz not null default now(),
    unique (organization_id, name)
);

-- One login. A browser's is found by the hash of its cookie; a machine's by its ID, which is also
-- the family of its refresh tokens: the n-th of them is computed, only n is kept.
create table session (
    id uuid primary key,
    user_id uuid not null references "user" on delete cascade,
    kind text not null check (kind in ('browser', 'machine')),
    secret_hash bytea unique,
    refresh_n bigint not null default 0,
    rotated_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    absolute_at timestamptz not null,
    revoked_at timestamptz,
    check ((kind = 'browser') = (secret_hash is not null))
);
create index session_of_user on session (user_id);
