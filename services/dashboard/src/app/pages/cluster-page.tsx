// /clusters/:id: one cluster: its facts, its actions, its current task, its activity, tasks and access.
import { Anchor, Button, Paper, Skeleton, Tabs, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import {
  IconListCheck,
  IconPlayerStop,
  IconPlugConnectedX,
  IconTerminal2,
  IconTrash,
} from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { Note } from '@/components/note';
import { PageHead } from '@/components/page-head';
import { PollingNotice } from '@/components/polling-notice';
import { ProblemAlert } from '@/components/problem-alert';
import { Trail } from '@/components/trail';
import { WhoIsHere } from '@/components/who-is-here';
import { Timeline } from '@/features/activity/timeline';
import { useActive } from '@/features/clusters/active';
import { StartButton } from '@/features/clusters/cluster-actions';
import { ClusterFacts } from '@/features/clusters/cluster-facts';
import { CommandRunner } from '@/features/clusters/command-runner/command-runner';
import { DeleteClusterDialog } from '@/features/clusters/delete-cluster';
import { KubeconfigButton } from '@/features/clusters/kubeconfig-button';
import { useStop } from '@/features/clusters/power';
import { ReasonNote, useReason } from '@/features/clusters/reason-note';
import { StatusBadge } from '@/features/clusters/status-badge';
import { useCluster } from '@/features/clusters/use-cluster';
import { AccessList } from '@/features/shares/access-list';
import { ShareButton } from '@/features/shares/share-button';
import { ShareDialog } from '@/features/shares/share-dialog';
import { TaskDrawer } from '@/features/tasks/task-drawer';
import { TaskList } from '@/features/tasks/task-list';
import { TaskMonitor } from '@/features/tasks/task-monitor';
import { isGone } from '@/lib/api/problem';
import type { Cluster } from '@/lib/api/types';
import { isGoing } from '@/lib/clusters/status';
import { usePlacesAt } from '@/lib/presence/places';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import { tasksQuery } from '@/lib/tasks/cache';
import classes from './cluster-page.module.css';

export function ClusterPage() {
  const { id } = useParams({ from: '/members/clusters/$id' });
  const { cluster, error, busy, retry } = useCluster(id);
  useDocumentTitle(`${cluster?.name ?? 'Cluster'} · labyard`);
  if (cluster) return <KnownCluster key={id} cluster={cluster} />;
  if (error && isGone(error)) return <GoneCluster id={id} />;
  if (error) return <ProblemAlert error={error} busy={busy} onRetry={retry} />;
  return <PageSkeleton />;
}

function KnownCluster({ cluster }: { cluster: Cluster }) {
  const [running, setRunning] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [sharing, setSharing] = useState(false);
  const over = cluster.status === 'DELETED';
  const places = usePlacesAt(cluster);
  const reason = useReason(cluster);
  useActive(cluster.id, cluster.status === 'RUNNING');
  return (
    <>
      <Trail name={cluster.name}>
        <Link to="/dashboard">Clusters</Link>
      </Trail>
      <PageHead
        title={cluster.name}
        marks={
          <>
            <StatusBadge name={cluster.name} status={cluster.status} />
            <WhoIsHere places={places} />
          </>
        }
      >
        {!over && (
          <Actions
            cluster={cluster}
            onRunCommand={() => setRunning(true)}
            onShare={() => setSharing(true)}
            onDelete={() => setDeleting(true)}
          />
        )}
      </PageHead>
      <PollingNotice />
      <div className={classes.notes}>
        {over && (
          <Note
            tone="orange"
            role="status"
            icon={<IconTrash aria-hidden />}
            title="This cluster was deleted"
          >
            <Text size="sm">Everything in it was removed. Its activity stays below.</Text>
          </Note>
        )}
        {cluster.health === 'UNREACHABLE' && !over && <Unreachable cluster={cluster} />}
        {!over && reason && <ReasonNote cluster={cluster} reason={reason} />}
      </div>
      <div className={classes.columns}>
        <aside className={classes.side}>
          <ClusterFacts cluster={cluster} />
        </aside>
        <div className={classes.main}>
          <Work cluster={cluster} />
          <History id={cluster.id} />
        </div>
      </div>
      {running && <CommandRunner cluster={cluster} gone={over} onClose={() => setRunning(false)} />}
      {sharing && !isGoing(cluster) && (
        <ShareDialog cluster={cluster} onClose={() => setSharing(false)} />
      )}
      {deleting && !isGoing(cluster) && (
        <DeleteClusterDialog cluster={cluster} onClose={() => setDeleting(false)} />
      )}
    </>
  );
}

function Actions(props: {
  cluster: Cluster;
  onRunCommand: () => void;
  onShare: () => void;
  onDelete: () => void;
}) {
  const { cluster } = props;
  const stop = useStop(cluster);
  const reason = whyNot(useMe(), cluster, 'cluster_change');
  const running = cluster.status === 'RUNNING';
  return (
    <div className={classes.actions}>
      {cluster.status === 'STOPPED' ? (
        <StartButton cluster={cluster} size="sm" />
      ) : (
        <Button
          leftSection={<IconTerminal2 size={17} aria-hidden />}
          aria-label={`Run command in ${cluster.name}`}
          disabled={!running}
          onClick={props.onRunCommand}
        >
          Run command
        </Button>
      )}
      <KubeconfigButton cluster={cluster} disabled={!running} withLabel />
      <ShareButton cluster={cluster} onShare={props.onShare} />
      <Gated reason={reason}>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={17} aria-hidden />}
          aria-label={`Stop ${cluster.name}`}
          title="Everything in the cluster is kept"
          disabled={!running}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          Stop
        </Button>
      </Gated>
      <Gated reason={reason}>
        <Button
          variant="default"
          className={classes.delete}
          leftSection={<IconTrash size={17} aria-hidden />}
          aria-label={`Delete ${cluster.name}`}
          disabled={isGoing(cluster)}
          onClick={props.onDelete}
        >
          Delete
        </Button>
      </Gated>
    </div>
  );
}

function Unreachable({ cluster }: { cluster: Cluster }) {
  return (
    <Note
      tone="orange"
      role="alert"
      icon={<IconPlugConnectedX aria-hidden />}
      title="Unreachable: the host isn’t responding"
      data-testid={`unreachable-${cluster.name}`}
    >
      <Text size="sm">
        No contact with {cluster.host ?? 'the host'} for 30 seconds. Showing last known state; still
        retrying. If this lasts, contact your administrator.
      </Text>
    </Note>
  );
}

/** The open task, else the one that failed, else the last one that was followed here. */
function Work({ cluster }: { cluster: Cluster }) {
  const newest = useInfiniteQuery(tasksQuery({ cluster_id: cluster.id })).data?.pages[0]?.items[0];
  const failed = cluster.status === 'ERROR' ? newest?.id : undefined;
  const [followed, setFollowed] = useState<string | null>(null);
  const [hidden, setHidden] = useState<string | null>(null);
  const current = cluster.task_id ?? failed;
  if (current && current !== followed) setFollowed(current);
  const shown = current ?? followed;
  if (!shown || shown === hidden) return null;
  return (
    <Section
      className={classes.work}
      title="Current task"
      tools={
        !current && (
          <Button size="compact-xs" variant="subtle" onClick={() => setHidden(shown)}>
            Hide
          </Button>
        )
      }
    >
      <TaskMonitor
        key={shown}
        taskId={shown}
        onFollow={setFollowed}
        failureShown={cluster.status === 'ERROR' && Boolean(cluster.reason)}
      />
    </Section>
  );
}

function History({ id }: { id: string }) {
  const [task, setTask] = useState<string | null>(null);
  return (
    <Paper withBorder radius="lg" className={classes.card}>
      <Tabs defaultValue="timeline" keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="timeline">Activity</Tabs.Tab>
          <Tabs.Tab value="tasks">Tasks</Tabs.Tab>
          <Tabs.Tab value="access">Access</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="timeline" pt="sm">
          <Timeline clusterId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="access" pt="sm">
          <AccessList clusterId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="tasks" pt="md">
          <TaskList
            filter={{ cluster_id: id }}
            onOpen={setTask}
            empty={
              <EmptyState icon={IconListCheck} title="No tasks">
                Operations on this cluster appear here.
              </EmptyState>
            }
          />
        </Tabs.Panel>
      </Tabs>
      <TaskDrawer taskId={task} onClose={() => setTask(null)} onFollow={setTask} />
    </Paper>
  );
}

function Section(props: {
  className?: string;
  title: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Paper
      withBorder
      radius="lg"
      className={`${classes.card} ${props.className ?? ''}`}
      component="section"
    >
      <div className={classes.section}>
        <Title order={2} size="h5">
          {props.title}
        </Title>
        {props.tools}
      </div>
      {props.children}
    </Paper>
  );
}

function GoneCluster({ id }: { id: string }) {
  return (
    <>
      <Trail name="Not found">
        <Link to="/dashboard">Clusters</Link>
      </Trail>
      <Title order={1} size="h2">
        Cluster not found
      </Title>
      <Text c="dimmed" size="sm" mt={4} mb="lg">
        It was deleted, or you don’t have access.{' '}
        <Anchor size="sm" renderRoot={(props) => <Link to="/dashboard" {...props} />}>
          Go to clusters
        </Anchor>
      </Text>
      <History id={id} />
    </>
  );
}

function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading the cluster">
      <Skeleton height={14} width={120} mb={18} />
      <Skeleton height={30} width={240} mb={28} />
      <div className={classes.columns}>
        <Skeleton height={280} radius="lg" />
        <Skeleton height={360} radius="lg" />
      </div>
    </div>
  );
}
