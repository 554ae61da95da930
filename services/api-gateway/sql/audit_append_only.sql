-- The audit is only ever added to: no line is changed, and only those of more than a year ago are removed.
-- Called by the two triggers on audit.
create or replace function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.at < now() - interval '365 days' then
        return old;
    end if;
    raise exception 'the audit is only ever added to';
end
$$;
create or replace trigger audit_stays before update or delete on audit for each row execute function audit_stays();
create or replace trigger audit_is_not_emptied before truncate on audit execute function audit_stays();
