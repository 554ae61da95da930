-- Invariant (docs/adding.md): tasks that wait for long and do not say why.
create or replace view broken_silence as
select id::text || ' waits since ' || created_at as detail from task
where status = 'pending' and reason is null and created_at < now() - interval '10 minutes';
comment on view broken_silence is 'What waits for long says why.';
