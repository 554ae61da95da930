-- A step is of one instance of its cluster: of which, a worker says from now on. Rows and workers of before say nothing.
alter table task_step
    add column generation integer;
