// /workspaces/:id: one workspace: its status, its usage against its quota, its clusters, who is here.
import { Anchor, Button, Paper, Skeleton, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import {
  IconHistory,
  IconHourglass,
  IconPencil,
  IconPlus,
  IconServerOff,
  IconWebhook,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { Note } from '@/components/note';
import { PageHead } from '@/components/page-head';
import { PollingNotice } from '@/components/polling-notice';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge } from '@/components/tone-badge';
import { Trail } from '@/components/trail';
import { WhoIsHere } from '@/components/who-is-here';
import { ClusterListSkeleton } from '@/features/clusters/cluster-list';
import { ClustersWithActions } from '@/features/clusters/clusters-with-actions';
import { CreateClusterDialog } from '@/features/clusters/create-cluster';
import { Meters } from '@/features/workspaces/meters';
import { useReadOn } from '@/features/workspaces/use-updates';
import { statusOf } from '@/features/workspaces/words';
import { WorkspaceDialog } from '@/features/workspaces/workspace-form';
import { isGone } from '@/lib/api/problem';
import type { Membership, WorkspaceDetail } from '@/lib/api/types';
import { useClusterList } from '@/lib/clusters/cache';
import { useWorkspaceUpdates } from '@/lib/events/hooks';
import { useLive } from '@/lib/live';
import { workspaceQuery } from '@/lib/people/queries';
import { useMe } from '@/lib/session/me';
import { mayIn, membershipIn } from '@/lib/session/rights';
import { moment } from '@/lib/time/format';
import classes from './workspace-page.module.css';

export function WorkspacePage() {
  const { id } = useParams({ from: '/members/workspaces/$id' });
  const asked = useQuery(workspaceQuery(id));
  const { data: workspace, error } = asked;
  useDocumentTitle(`${workspace?.name ?? 'Workspace'} · labyard`);
  if (error && isGone(error)) return <GoneWorkspace />;
  if (workspace) return <Known key={id} workspace={workspace} error={error} />;
  if (error) {
    return (
      <ProblemAlert error={error} busy={asked.isFetching} onRetry={() => void asked.refetch()} />
    );
  }
  return <PageSkeleton />;
}

function Known({ workspace, error }: { workspace: WorkspaceDetail; error: unknown }) {
  const { id, organization_id, name, full } = workspace;
  const membership = membershipIn(useMe(), organization_id);
  useReadOn(useWorkspaceUpdates(organization_id, id), workspaceQuery(id).queryKey);
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState(false);
  const { word, look } = statusOf(workspace);
  return (
    <>
      <Trail name={name}>
        <Link to="/organizations">Organizations</Link>
        {membership && (
          <Link
            to="/organizations/$id"
            params={{ id: membership.organization_id }}
            search={{ tab: 'workspaces' }}
          >
            {membership.name}
          </Link>
        )}
      </Trail>
      <PageHead
        title={name}
        marks={
          <>
            <ToneBadge look={look} word={word} testId={`workspace-status-${name}`} />
            {membership && !membership.personal && (
              <WhoIsHere
                places={[{ organization_id, workspace_id: id, page: `/workspaces/${name}` }]}
              />
            )}
          </>
        }
      >
        <Tools
          workspace={workspace}
          membership={membership}
          onCreate={() => setCreating(true)}
          onChange={() => setChanging(true)}
        />
      </PageHead>
      {error ? <ProblemAlert error={error} /> : <PollingNotice />}
      {full && (
        <Note
          tone="orange"
          role="status"
          mb="md"
          icon={<IconHourglass aria-hidden />}
          title={`Not accepting new clusters: ${full.message}`}
          data-testid="workspace-full"
        >
          <Text size="sm">{full.fix}</Text>
        </Note>
      )}
      <Paper
        withBorder
        radius="lg"
        className={classes.meters}
        component="section"
        aria-label="Usage"
      >
        <Meters workspace={workspace} />
      </Paper>
      <Clusters workspace={workspace} onCreate={() => setCreating(true)} />
      <CreateClusterDialog
        opened={creating}
        onClose={() => setCreating(false)}
        organization={membership}
        workspace={id}
      />
      {changing && (
        <WorkspaceDialog
          organization={{ id: organization_id }}
          workspace={workspace}
          onClose={() => setChanging(false)}
        />
      )}
    </>
  );
}

const ROLE_TOO_LOW = 'Viewers can’t create clusters. Ask an admin for the Member role.';
const ADMINS_ONLY = 'Only admins and owners can change workspaces. Ask one of them.';

function Tools(props: {
  workspace: WorkspaceDetail;
  membership: Membership | undefined;
  onCreate: () => void;
  onChange: () => void;
}) {
  const { workspace, membership } = props;
  const { id, name, organization_id } = workspace;
  return (
    <div className={classes.tools}>
      <Button
        variant="default"
        leftSection={<IconHistory size={17} aria-hidden />}
        renderRoot={(root) => (
          <Link to="/history" search={{ of: organization_id, workspace: id }} {...root} />
        )}
      >
        Activity
      </Button>
      {mayIn(membership, 'organization_change') && (
        <Button
          variant="default"
          leftSection={<IconWebhook size={17} aria-hidden />}
          renderRoot={(root) => (
            <Link
              to="/organizations/$id"
              params={{ id: organization_id }}
              search={{ tab: 'webhooks' }}
              {...root}
            />
          )}
        >
          Webhooks
        </Button>
      )}
      <Gated reason={mayIn(membership, 'organization_change') ? null : ADMINS_ONLY}>
        <Button
          variant="default"
          leftSection={<IconPencil size={17} aria-hidden />}
          aria-label={`Change ${name}`}
          onClick={props.onChange}
        >
          Change
        </Button>
      </Gated>
      <Gated reason={mayIn(membership, 'cluster_create') ? null : ROLE_TOO_LOW}>
        <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={props.onCreate}>
          New cluster
        </Button>
      </Gated>
    </div>
  );
}

function Clusters({ workspace, onCreate }: { workspace: WorkspaceDetail; onCreate: () => void }) {
  const { cache } = useLive();
  const list = useClusterList(cache);
  const mayMake = mayIn(membershipIn(useMe(), workspace.organization_id), 'cluster_create');
  const all = list.data?.items;
  const clusters = all?.filter(({ workspace_id }) => workspace_id === workspace.id);
  return (
    <section className={classes.section} aria-label="Clusters">
      <div className={classes.sectionHead}>
        <Title order={2} size="h4">
          Clusters
        </Title>
        <Text size="sm" c="dimmed">
          Created {moment(workspace.created_at)}
        </Text>
      </div>
      {list.error && (
        <ProblemAlert
          error={list.error}
          busy={list.isFetching}
          onRetry={() => void list.refetch()}
        />
      )}
      {!clusters && !list.error && <ClusterListSkeleton />}
      {clusters?.length === 0 && (
        <Paper withBorder radius="lg">
          <EmptyState
            icon={IconServerOff}
            title="No clusters"
            action={
              mayMake && (
                <Button variant="default" onClick={onCreate}>
                  Create first cluster
                </Button>
              )
            }
          >
            Clusters in this workspace appear here and count toward its quota.
          </EmptyState>
        </Paper>
      )}
      {clusters && <ClustersWithActions clusters={clusters} all={all ?? []} />}
    </section>
  );
}

function GoneWorkspace() {
  return (
    <>
      <Trail name="Not found">
        <Link to="/organizations">Organizations</Link>
      </Trail>
      <Title order={1} size="h2">
        Workspace not found
      </Title>
      <Text c="dimmed" size="sm" mt={4}>
        It was deleted, or you don’t have access.{' '}
        <Anchor size="sm" renderRoot={(root) => <Link to="/organizations" {...root} />}>
          Go to organizations
        </Anchor>
      </Text>
    </>
  );
}

function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading the workspace">
      <Skeleton height={14} width={160} mb={18} />
      <Skeleton height={30} width={240} mb={28} />
      <Skeleton height={96} radius="lg" mb={20} />
      <Skeleton height={240} radius="lg" />
    </div>
  );
}
