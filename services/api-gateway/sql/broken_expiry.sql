-- Invariant (docs/adding.md): clusters that live a minute beyond their end.
create or replace view broken_expiry as
select c.id::text || ' is ' || c.status as detail from cluster c, installation i
where c.expires_at < now() - interval '60 seconds' and c.status not in ('DELETING', 'DELETED') and i.locked is null;
comment on view broken_expiry is 'Nothing lives a minute beyond its end.';
