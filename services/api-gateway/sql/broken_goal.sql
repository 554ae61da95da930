-- Invariant (docs/adding.md): clusters that rest and are not what they shall be.
create or replace view broken_goal as
select id::text || ' is ' || status || ' and shall be ' || goal as detail from cluster
where (status, goal) in (
    ('RUNNING', 'stopped'), ('RUNNING', 'deleted'), ('STOPPED', 'running'), ('STOPPED', 'deleted'),
    ('DELETED', 'running'), ('DELETED', 'stopped'));
comment on view broken_goal is 'A cluster that rests is what it shall be.';
