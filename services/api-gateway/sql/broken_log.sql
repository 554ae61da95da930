-- Invariant (docs/adding.md): a log that does not end where it says, and holes in it.
create or replace view broken_log as
select 'it ends at ' || h.position || ', its last event is ' || m.last as detail
from log_head h, (select max(position) as last from event) as m where m.last <> h.position
union all
select 'a hole before ' || position from (
    select position, position - lag(position) over (order by position) as step
    from event where position > (select position - 10000 from log_head)) as recent
where step <> 1;
comment on view broken_log is 'The log ends where it says, and has no holes.';
