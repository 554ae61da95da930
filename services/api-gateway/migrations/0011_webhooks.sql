-- Webhooks: the events of one workspace to an address of somebody else's. Each has a cursor of its own.
create table webhook (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    workspace_id uuid not null references workspace on delete cascade,
    url text not null,
    -- The types of events wanted; all if empty.
    types jsonb not null default '[]',
    enabled boolean not null default true,
    off_because text,
    -- The secret is computed from the ID and this number, and kept nowhere.
    secret_number integer not null default 1,
    secret_changed_at timestamptz not null default now(),
    -- The last event that is dealt with.
    position bigint not null,
    failing_since timestamptz,
    -- Until then one gateway delivers; who takes it after that holds a higher fence.
    held_until timestamptz,
    fence bigint not null default 0,
    created_by uuid references "user" on delete set null,
    created_at timestamptz not null default now()
);
create index webhook_of_workspace on webhook (workspace_id, id);
create index webhook_of_organization on webhook (organization_id);

-- What was tried and how it went; of the other side's answer only its status.
create table webhook_delivery (
    number bigint primary key generated always as identity,
    webhook_id uuid not null references webhook on delete cascade,
    at timestamptz not null default clock_timestamp(),
    event_id uuid not null,
    type text not null,
    attempt integer not null,
    outcome text not null check (outcome in ('delivered', 'failed', 'given_up')),
    status integer,
    detail text,
    took_millis integer not null
);
create index webhook_delivery_of_webhook on webhook_delivery (webhook_id, number desc);
create index webhook_delivery_at on webhook_delivery (at);
