-- Invariant (docs/adding.md): what belongs to no cluster that lives and is still there after ten minutes.
create or replace view broken_orphan as
select host_id || ': ' || name as detail from orphan where first_seen_at < now() - interval '10 minutes';
comment on view broken_orphan is 'What belongs to no cluster that lives is gone within ten minutes.';
