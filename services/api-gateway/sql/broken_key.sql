-- Invariant (docs/adding.md): sealed credentials without a key, and keys without a credential.
create or replace view broken_key as
select c.id::text as detail from cluster c left join cluster_key k on k.cluster_id = c.id
where (c.admin_sealed is null) <> (k.head is null);
comment on view broken_key is 'Each sealed credential has its key, and each key its credential.';
