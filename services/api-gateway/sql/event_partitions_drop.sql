-- Removes whole days of events that are older than is kept, at most seven at once.
-- Called by housekeeping, a timed thing (kernel/log/sql.rs).
create or replace function drop_event_partitions(keep integer) returns void language plpgsql as $$
declare
    part text;
begin
    for part in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'event'::regclass and c.relname ~ '^event_[0-9]{8}$'
          and to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep
        order by c.relname limit 7
    loop
        execute format('drop table %I', part);
    end loop;
end $$;
