-- The log. A transaction inserts into outbox while it holds the lock of the row it changes, so the
-- outbox order of one object is its commit order. How an event gets its position: sql/event_position.sql.
create table outbox (
    seq bigint generated always as identity primary key,
    organization_id uuid,
    cluster_id uuid,
    audience jsonb not null,
    event json not null
);

create table log_head (
    one boolean primary key default true check (one),
    position bigint not null,
    incarnation bigint not null
);
insert into log_head (position, incarnation)
values (0, ('x' || substr(md5(gen_random_uuid()::text), 1, 8))::bit(32)::bigint);

create table event (
    position bigint not null,
    at timestamptz not null,
    organization_id uuid,
    cluster_id uuid,
    audience jsonb not null,
    event json not null,
    primary key (position, at)
) partition by range (at);
create table event_rest partition of event default;
create index event_cluster on event (cluster_id, position);
create index event_organization on event (organization_id, position);
