-- Invariant (docs/adding.md): clusters that are half somebody's and half warm.
create or replace view broken_owner as
select id::text as detail from cluster
where num_nulls(organization_id, workspace_id, created_by, name, expires_at) not in (0, 5);
comment on view broken_owner is 'A cluster is wholly somebody''s or wholly warm.';
