// /organizations/:id: one organization: members, invitations, workspaces, pipelines, webhooks, settings.
import { Anchor, Skeleton, Tabs, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { PageHead } from '@/components/page-head';
import { PollingNotice } from '@/components/polling-notice';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge } from '@/components/tone-badge';
import { Trail } from '@/components/trail';
import { WhoIsHere } from '@/components/who-is-here';
import { Invitations } from '@/features/organizations/invitations';
import { Members } from '@/features/organizations/members';
import { Settings } from '@/features/organizations/settings';
import { Trusts } from '@/features/organizations/trusts';
import { Webhooks } from '@/features/webhooks/webhooks';
import { useReadOn } from '@/features/workspaces/use-updates';
import { Workspaces } from '@/features/workspaces/workspaces';
import { isGone } from '@/lib/api/problem';
import type { Organization } from '@/lib/api/types';
import { useOrganizationUpdates } from '@/lib/events/hooks';
import { organizationQuery, workspacesQuery } from '@/lib/people/queries';
import { roleWords } from '@/lib/people/roles';
import { workspacesOf } from '@/lib/presence/places';
import { useMe } from '@/lib/session/me';
import { membershipIn } from '@/lib/session/rights';
import { moment } from '@/lib/time/format';
import classes from './organization-page.module.css';

const TABS = ['members', 'invitations', 'workspaces', 'pipelines', 'webhooks', 'settings'] as const;
type Tab = (typeof TABS)[number];
/** A personal organization has one member for good. */
const NOT_PERSONAL: readonly Tab[] = ['members', 'invitations', 'pipelines'];

export interface OrganizationSearch {
  tab?: Tab;
}

export const organizationSearch = (search: Record<string, unknown>): OrganizationSearch => {
  const tab = TABS.find((known) => known === search.tab);
  return tab ? { tab } : {};
};

export function OrganizationPage() {
  const { id } = useParams({ from: '/members/organizations/$id' });
  const organization = useQuery(organizationQuery(id));
  useDocumentTitle(`${organization.data?.name ?? 'Organization'} · labyard`);
  if (organization.error && isGone(organization.error)) return <GoneOrganization />;
  if (organization.data) return <Known organization={organization.data} />;
  if (organization.error) {
    return (
      <ProblemAlert
        error={organization.error}
        busy={organization.isFetching}
        onRetry={() => void organization.refetch()}
      />
    );
  }
  return (
    <div role="status" aria-label="Loading the organization">
      <Skeleton height={14} width={120} mb={18} />
      <Skeleton height={30} width={240} mb={28} />
      <Skeleton height={260} radius="lg" />
    </div>
  );
}

function Known({ organization }: { organization: Organization }) {
  const { id, name, personal, role } = organization;
  const me = useMe();
  const navigate = useNavigate({ from: '/organizations/$id' });
  const { tab } = useSearch({ from: '/members/organizations/$id' });
  const membership = membershipIn(me, id);
  const { word, look, may } = roleWords(role);
  useReadOn(useOrganizationUpdates(id), workspacesQuery(id).queryKey);
  const first: Tab = personal ? 'workspaces' : 'members';
  const shown = !tab || (personal && NOT_PERSONAL.includes(tab)) ? first : tab;
  return (
    <>
      <Trail name={name}>
        <Link to="/organizations">Organizations</Link>
      </Trail>
      <PageHead
        title={name}
        marks={
          <>
            <ToneBadge look={look} word={personal ? 'Personal' : word} />
            <WhoIsHere places={workspacesOf(me, id, `/organizations/${name}`)} />
          </>
        }
        about={
          personal ? 'Only you have access' : `${may} · created ${moment(organization.created_at)}`
        }
      />
      <PollingNotice />
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: organizationSearch({ tab: value }),
            replace: true,
            resetScroll: false,
          })
        }
      >
        <Tabs.List mb="lg" className={classes.tabs}>
          {!personal && <Tabs.Tab value="members">Members</Tabs.Tab>}
          {!personal && <Tabs.Tab value="invitations">Invitations</Tabs.Tab>}
          <Tabs.Tab value="workspaces">Workspaces</Tabs.Tab>
          {!personal && <Tabs.Tab value="pipelines">Pipelines</Tabs.Tab>}
          <Tabs.Tab value="webhooks">Webhooks</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="members">
          <Members organization={organization} membership={membership} />
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <Invitations organization={organization} membership={membership} />
        </Tabs.Panel>
        <Tabs.Panel value="workspaces">
          <Workspaces organization={organization} membership={membership} />
        </Tabs.Panel>
        <Tabs.Panel value="pipelines">
          <Trusts organization={organization} membership={membership} />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <Webhooks organization={organization} membership={membership} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Settings organization={organization} membership={membership} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function GoneOrganization() {
  return (
    <>
      <Trail name="Not found">
        <Link to="/organizations">Organizations</Link>
      </Trail>
      <Title order={1} size="h2">
        Organization not found
      </Title>
      <Text c="dimmed" size="sm" mt={4}>
        It was deleted, or you don’t have access.{' '}
        <Anchor size="sm" renderRoot={(props) => <Link to="/organizations" {...props} />}>
          Go to organizations
        </Anchor>
      </Text>
    </>
  );
}
