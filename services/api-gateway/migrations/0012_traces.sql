-- Which trace an event belongs to: the W3C traceparent of the span it was written in, at most 55 characters. What was
-- written where nothing is traced, or before this, has none.
alter table outbox add column trace varchar(55);
alter table event add column trace varchar(55);

drop function sequence(integer);
create function sequence(batch integer)
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
