-- Sessions that can be told apart, API tokens, links that reset a password.

-- A token is a session too: what ends one ends its streams. It is found by the hash of its secret and
-- limited to a scope; the prefix is what its user knows it by.
alter table session
    drop constraint session_kind_check,
    drop constraint session_check,
    add column name text not null default '',
    add column address text,
    add column last_used_at timestamptz,
    add column prefix text unique,
    add column scope_level text check (scope_level in ('read', 'use', 'change', 'admin')),
    add column scope_organization_id uuid references organization on delete cascade,
    add constraint session_kind check (kind in ('browser', 'machine', 'token')),
    add constraint session_secret check ((kind = 'machine') = (secret_hash is null)),
    add constraint session_scope check ((kind = 'token') = (scope_level is not null) and (kind = 'token') = (prefix is not null));

-- One link lets somebody choose a new password, once. Its secret is computed from its ID and kept nowhere.
create table password_reset (
    id uuid primary key,
    user_id uuid not null references "user" on delete cascade,
    created_by uuid references "user" on delete set null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index password_reset_of_user on password_reset (user_id);

-- Somebody who is gone has no name, no address and no login; what they did stays told apart.
alter table "user"
    add column deleted_at timestamptz,
    add column password_changed_at timestamptz not null default now();
