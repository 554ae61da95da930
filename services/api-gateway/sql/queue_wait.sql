-- Seconds until the work at a place of the queue begins, by how long creates and starts took lately and how many clusters
-- the driver's hosts work on at once; null while nothing is known.
-- Called with each place that a task shows.
create or replace function queue_wait(of_driver text, place bigint) returns double precision language sql stable as $$
    select floor((place - 1 + b.busy) / greatest(h.slots, 1)::double precision) * l.secs
    from (select sum(slots) as slots from host
          where driver = of_driver and last_seen_at > now() - interval '30 seconds') as h,
         (select count(*) as busy from cluster where driver = of_driver and lease_until > now()) as b,
         (select avg(extract(epoch from ended_at - started_at))::double precision as secs from (
            select started_at, ended_at from task
            where status = 'completed' and kind in ('create', 'start') and started_at is not null
            order by ended_at desc limit 20) as lately) as l
    where h.slots is not null and l.secs is not null
$$;
