-- Invariant (docs/adding.md): events that were committed and are not in the log after ten seconds.
create or replace view broken_outbox as
select seq::text as detail from outbox where (event ->> 'time')::timestamptz < now() - interval '10 seconds';
comment on view broken_outbox is 'What was committed is in the log within ten seconds.';
