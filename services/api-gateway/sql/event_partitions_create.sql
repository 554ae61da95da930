-- Makes the log's partitions of the next days. It begins with tomorrow: today may have rows in the default partition, and a
-- day that has is refused a partition of its own.
-- Called by `event::ensure_partitions`, a timed thing (due/partitions.rs).
create or replace function ensure_event_partitions(days integer) returns void language plpgsql as $$
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
