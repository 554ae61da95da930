-- Invariant (docs/adding.md): deleted clusters that still have a lease, a credential or a key.
create or replace view broken_deleted as
select id::text as detail from cluster c
where status = 'DELETED' and (deleted_at is null or admin_sealed is not null or lease_until is not null
    or exists (select 1 from cluster_key k where k.cluster_id = c.id));
comment on view broken_deleted is 'A deleted cluster keeps no lease, no credential and no key.';
