-- Who came by which invitation from here on: nobody is let in by one twice, whatever became of them since.
create table invitation_taken (
    invitation_id uuid not null references invitation on delete cascade,
    user_id uuid not null references "user" on delete cascade,
    at timestamptz not null default now(),
    primary key (invitation_id, user_id)
);
create index invitation_taken_by_user on invitation_taken (user_id);

-- A pipeline works in an organization and never governs it. Where no person is an owner it stays one, so that there is one.
update member m set role = 'member'
from "user" u
where u.id = m.user_id and u.service_of is not null and m.role in ('admin', 'owner')
    and (m.role = 'admin' or exists (
        select 1 from member n join "user" o on o.id = n.user_id
        where n.organization_id = m.organization_id and n.role = 'owner' and o.service_of is null
    ));
