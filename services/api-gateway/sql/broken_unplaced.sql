-- Invariant (docs/adding.md): clusters that run or rest on no host.
create or replace view broken_unplaced as
select id::text || ' is ' || status as detail from cluster
where status in ('RUNNING', 'STOPPED') and host_id is null;
comment on view broken_unplaced is 'What runs or rests does so on a host.';
