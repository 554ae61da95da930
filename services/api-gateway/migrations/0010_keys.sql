-- The key of each cluster's sealed credential lives apart from it, so that its end is the end of every copy of
-- the credential that was made without it.

create table cluster_key (
    cluster_id uuid primary key references cluster on delete cascade,
    -- The beginning of a sealed value (crypto/envelope.rs): version, the wrapping key's ID, the data key under it.
    head bytea not null check (length(head) = 65)
);
comment on table cluster_key is 'Leave its rows out of dumps that are kept: what is deleted stays readable with them.';

insert into cluster_key (cluster_id, head)
select id, substring(admin_sealed from 1 for 65) from cluster where length(admin_sealed) > 65;
update cluster set admin_sealed = substring(admin_sealed from 66) where length(admin_sealed) > 65;

create or replace view broken_deleted as
select id::text as detail from cluster c
where status = 'DELETED' and (deleted_at is null or admin_sealed is not null or lease_until is not null
    or exists (select 1 from cluster_key k where k.cluster_id = c.id));
comment on view broken_deleted is 'A deleted cluster keeps no lease, no credential and no key.';

create view broken_key as
select c.id::text as detail from cluster c left join cluster_key k on k.cluster_id = c.id
where (c.admin_sealed is null) <> (k.head is null);
comment on view broken_key is 'Each sealed credential has its key, and each key its credential.';
