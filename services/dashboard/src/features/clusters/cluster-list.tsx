// The clusters: a table where there is room, cards on a phone.
import { Paper, Skeleton, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Cluster, Me } from '@/lib/api/types';
import { useMe } from '@/lib/session/me';
import { ClusterActions, type ClusterActionsProps } from './cluster-actions';
import classes from './cluster-list.module.css';
import { TaskProgress } from './progress';
import { ReasonNote, useReason } from './reason-note';
import { StatusBadge } from './status-badge';
import { Age, TimeLeft } from './times';

type Handlers = Omit<ClusterActionsProps, 'cluster'>;

export function ClusterList({ clusters, ...handlers }: { clusters: Cluster[] } & Handlers) {
  const wide = useMediaQuery('(min-width: 900px)', true, { getInitialValueInEffect: false });
  return wide ? (
    <ClusterTable clusters={clusters} {...handlers} />
  ) : (
    <ul className={classes.cards}>
      {clusters.map((cluster) => (
        <ClusterCard key={cluster.id} cluster={cluster} {...handlers} />
      ))}
    </ul>
  );
}

function ClusterTable({ clusters, ...handlers }: { clusters: Cluster[] } & Handlers) {
  return (
    <Paper withBorder radius="lg" className={classes.frame}>
      <table className={classes.table}>
        <caption className="visually-hidden">Your clusters, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col" className={classes.time}>
              Created
            </th>
            <th scope="col" className={classes.time}>
              Time left
            </th>
            <th scope="col" className={classes.last}>
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        {clusters.map((cluster) => (
          <ClusterRows key={cluster.id} cluster={cluster} {...handlers} />
        ))}
      </table>
    </Paper>
  );
}

function ClusterRows({ cluster, ...handlers }: { cluster: Cluster } & Handlers) {
  const reason = useReason(cluster);
  return (
    <tbody data-testid={`cluster-${cluster.name}`}>
      <tr data-going={cluster.status === 'DELETING'}>
        <th scope="row" className={classes.name}>
          <Name cluster={cluster} />
        </th>
        <td>
          <StatusBadge name={cluster.name} status={cluster.status} />
          <Reach cluster={cluster} />
          <TaskProgress cluster={cluster} />
        </td>
        <td>
          <Age since={cluster.created_at} />
        </td>
        <td>
          <TimeLeft cluster={cluster} />
        </td>
        <td>
          <ClusterActions cluster={cluster} {...handlers} />
        </td>
      </tr>
      {reason && (
        <tr className={classes.why}>
          <td colSpan={5}>
            <ReasonNote cluster={cluster} reason={reason} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Name({ cluster }: { cluster: Cluster }) {
  const where = placeOf(cluster, useMe());
  return (
    <>
      <Link to="/clusters/$id" params={{ id: cluster.id }} className={classes.label}>
        {cluster.name}
      </Link>
      <Text size="xs" c="dimmed" component="span" className={classes.facts}>
        {[where, cluster.k8s_version, cluster.host ? `on ${cluster.host}` : null]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </>
  );
}

/** Its organization and workspace, where it could be another. */
function placeOf(cluster: Cluster, { organizations, workspaces }: Me): string | null {
  const membership = organizations.find(
    ({ organization_id }) => organization_id === cluster.organization_id,
  );
  if (!membership) return 'Shared with you';
  const workspace = workspaces.find(({ id }) => id === cluster.workspace_id);
  const siblings = workspaces.filter(
    ({ organization_id }) => organization_id === cluster.organization_id,
  );
  const parts = [
    organizations.length > 1 && (membership.personal ? 'Personal' : membership.name),
    siblings.length > 1 && workspace?.name,
  ];
  return parts.filter(Boolean).join(' / ') || null;
}

/** Shown only when its host is silent. */
function Reach({ cluster }: { cluster: Cluster }) {
  if (cluster.health !== 'UNREACHABLE') return null;
  return (
    <span className={classes.reach} data-testid={`unreachable-${cluster.name}`}>
      <IconPlugConnectedX size={14} aria-hidden /> Unreachable: no contact with the host
    </span>
  );
}

function ClusterCard({ cluster, ...handlers }: { cluster: Cluster } & Handlers) {
  const reason = useReason(cluster);
  return (
    <li>
      <Paper
        withBorder
        radius="lg"
        className={classes.card}
        data-testid={`cluster-${cluster.name}`}
        component="article"
        aria-label={cluster.name}
      >
        <div className={classes.top}>
          <div className={classes.name}>
            <Name cluster={cluster} />
          </div>
          <StatusBadge name={cluster.name} status={cluster.status} />
        </div>
        <Reach cluster={cluster} />
        <TaskProgress cluster={cluster} />
        {reason && <ReasonNote cluster={cluster} reason={reason} />}
        <dl className={classes.times}>
          <div>
            <dt>Created</dt>
            <dd>
              <Age since={cluster.created_at} />
            </dd>
          </div>
          <div>
            <dt>Time left</dt>
            <dd>
              <TimeLeft cluster={cluster} />
            </dd>
          </div>
        </dl>
        <ClusterActions cluster={cluster} {...handlers} />
      </Paper>
    </li>
  );
}

export function ClusterListSkeleton() {
  return (
    <Paper
      withBorder
      radius="lg"
      className={classes.frame}
      role="status"
      aria-label="Loading clusters"
    >
      {[0, 1, 2].map((row) => (
        <div key={row} className={classes.bones}>
          <Skeleton height={16} width="26%" />
          <Skeleton height={24} width={110} radius="xl" />
          <Skeleton height={12} width="14%" />
          <Skeleton height={12} width="14%" />
        </div>
      ))}
    </Paper>
  );
}
