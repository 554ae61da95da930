-- Invariant (docs/adding.md): timed things of clusters that do not live.
create or replace view broken_due as
select d.kind || ' of ' || d.key as detail from due d
where d.key like 'clu\_%' and not exists (
    select 1 from cluster c where 'clu_' || replace(c.id::text, '-', '') = d.key and c.status <> 'DELETED');
comment on view broken_due is 'Timed things are of clusters that live.';
