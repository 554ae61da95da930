// /organizations: every organization the person is in.
import { Button, Paper } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconBuilding, IconChevronRight, IconPlus, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { Loaded } from '@/components/loaded';
import { PageHead } from '@/components/page-head';
import { ToneBadge } from '@/components/tone-badge';
import type { Organization } from '@/lib/api/types';
import { organizationsQuery } from '@/lib/people/queries';
import { roleWords } from '@/lib/people/roles';
import { count } from '@/lib/words';
import { NewOrganizationDialog } from './new-organization';
import classes from './organizations.module.css';

export function OrganizationsPage() {
  useDocumentTitle('Organizations · labyard');
  const organizations = useQuery(organizationsQuery);
  const [creating, setCreating] = useState(false);
  const shared = organizations.data?.filter(({ personal }) => !personal) ?? [];
  return (
    <>
      <PageHead title="Organizations" about="People who share workspaces and clusters">
        <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
          New organization
        </Button>
      </PageHead>
      <Loaded asked={organizations} name="Loading the organizations" height={180}>
        {(list) => (
          <div className={classes.stack}>
            <Paper withBorder radius="lg" className={classes.frame}>
              <ul className={classes.list}>
                {list.map((organization) => (
                  <OrganizationRow key={organization.id} organization={organization} />
                ))}
              </ul>
            </Paper>
            {shared.length === 0 && (
              <Paper withBorder radius="lg">
                <EmptyState icon={IconBuilding} title="No shared organizations yet">
                  Create an organization to work together, or open an invitation link to join one.
                </EmptyState>
              </Paper>
            )}
          </div>
        )}
      </Loaded>
      {creating && <NewOrganizationDialog onClose={() => setCreating(false)} />}
    </>
  );
}

function OrganizationRow({ organization }: { organization: Organization }) {
  const { id, name, personal, role, members, workspaces } = organization;
  const { word, look } = roleWords(role);
  return (
    <li>
      <Link to="/organizations/$id" params={{ id }} className={classes.rowLink}>
        {personal ? <IconUser size={20} aria-hidden /> : <IconBuilding size={20} aria-hidden />}
        <span className={classes.what}>
          <span className={classes.name}>{name}</span>
          <span className={classes.detail}>
            {personal ? 'Only you' : count(members, 'member')} · {count(workspaces, 'workspace')}
          </span>
        </span>
        <ToneBadge look={look} word={word} />
        <IconChevronRight size={16} aria-hidden className={classes.muted} />
      </Link>
    </li>
  );
}
