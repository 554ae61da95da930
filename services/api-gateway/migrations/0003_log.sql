-- The log. A transaction inserts into outbox while it holds the lock of the row it changes, so the
-- outbox order of one object is its commit order. sequence() gives positions without holes: the
-- lock of the one row of log_head is the election.
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

-- Makes the partitions of the next days; days that already have rows elsewhere are left alone.
create function ensure_event_partitions(days integer) returns void language plpgsql as $$
declare
    day date;
begin
    for day in select current_date + n from generate_series(1, days) as n loop
        if to_regclass('event_' || to_char(day, 'YYYYMMDD')) is null then
            execute format(
                'create table %I partition of event for values from (%L) to (%L)',
                'event_' || to_char(day, 'YYYYMMDD'), day, day + 1);
        end if;
    end loop;
end $$;

create function sequence(batch integer)
returns table (place bigint, life bigint, audience jsonb, event json)
language plpgsql volatile as $$
declare
    head bigint;
    current_life bigint;
    moved bigint;
begin
    select h.position, h.incarnation into head, current_life from log_head h for update;
    return query
    with next as (
        select o.seq from outbox o order by o.seq limit batch
    ), taken as (
        delete from outbox o using next where o.seq = next.seq
        returning o.seq, o.organization_id, o.cluster_id, o.audience, o.event
    ), put as (
        insert into event (position, at, organization_id, cluster_id, audience, event)
        select head + row_number() over (order by t.seq), now(), t.organization_id, t.cluster_id, t.audience, t.event
        from taken t
        returning event.position, event.audience, event.event
    )
    select p.position, current_life, p.audience, p.event from put p order by p.position;
    get diagnostics moved = row_count;
    if moved > 0 then
        update log_head set position = head + moved;
    end if;
end $$;
