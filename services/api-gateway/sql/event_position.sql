-- How an event gets its position in the log: what waits in the outbox moves into the log, in order and without holes. The
-- lock of the one row of log_head is the election: gateways take turns, none leads.
-- Called by `event::sequence`, for the log's sequencer (log.rs).
create or replace function sequence(batch integer)
returns table (place bigint, life bigint, audience jsonb, event json, trace varchar)
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
        returning o.seq, o.organization_id, o.cluster_id, o.audience, o.event, o.trace
    ), put as (
        insert into event (position, at, organization_id, cluster_id, audience, event, trace)
        select head + row_number() over (order by t.seq), now(), t.organization_id, t.cluster_id, t.audience, t.event, t.trace
        from taken t
        returning event.position, event.audience, event.event, event.trace
    )
    select p.position, current_life, p.audience, p.event, p.trace from put p order by p.position;
    get diagnostics moved = row_count;
    if moved > 0 then
        update log_head set position = head + moved;
    end if;
end $$;
