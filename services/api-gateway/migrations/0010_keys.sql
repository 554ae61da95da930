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
