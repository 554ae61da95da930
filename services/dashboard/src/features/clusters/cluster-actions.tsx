// The buttons and the menu of one cluster; each is enabled only when it would work.
import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconDots,
  IconInfoCircle,
  IconListCheck,
  IconPlayerPlay,
  IconPlayerStop,
  IconTerminal2,
  IconTrash,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Gated } from '@/components/gated';
import type { Cluster } from '@/lib/api/types';
import { isGoing } from '@/lib/clusters/status';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import classes from './cluster-actions.module.css';
import { ExtendMenu } from './extend-cluster';
import { KubeconfigButton } from './kubeconfig-button';
import { useStart, useStop } from './power';

export interface ClusterActionsProps {
  cluster: Cluster;
  onRunCommand: (cluster: Cluster) => void;
  onDelete: (cluster: Cluster) => void;
}

export function ClusterActions({ cluster, onRunCommand, onDelete }: ClusterActionsProps) {
  const running = cluster.status === 'RUNNING';
  const going = isGoing(cluster);
  const reason = whyNot(useMe(), cluster, 'cluster_change');
  return (
    <div className={classes.actions}>
      {cluster.status === 'STOPPED' ? (
        <StartButton cluster={cluster} />
      ) : (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTerminal2 size={16} aria-hidden />}
          aria-label={`Run command in ${cluster.name}`}
          title={running ? 'Run kubectl and other commands' : 'Start the cluster to run commands'}
          disabled={!running}
          onClick={() => onRunCommand(cluster)}
        >
          Run command
        </Button>
      )}
      <KubeconfigButton cluster={cluster} disabled={!running} />
      <ExtendMenu cluster={cluster} disabled={going} />
      <MoreMenu cluster={cluster} />
      <Gated reason={reason}>
        <ActionIcon
          variant="subtle"
          color="red"
          className={classes.delete}
          size="lg"
          aria-label={`Delete ${cluster.name}`}
          title="Delete cluster"
          disabled={going}
          onClick={() => onDelete(cluster)}
        >
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </Gated>
    </div>
  );
}

export function StartButton({ cluster, size = 'xs' }: { cluster: Cluster; size?: 'xs' | 'sm' }) {
  const start = useStart(cluster);
  return (
    <Gated reason={whyNot(useMe(), cluster, 'cluster_change')}>
      <Button
        size={size}
        leftSection={<IconPlayerPlay size={16} aria-hidden />}
        aria-label={`Start ${cluster.name}`}
        loading={start.isPending}
        onClick={() => start.mutate()}
      >
        Start
      </Button>
    </Gated>
  );
}

function MoreMenu({ cluster }: { cluster: Cluster }) {
  const start = useStart(cluster);
  const stop = useStop(cluster);
  const reason = whyNot(useMe(), cluster, 'cluster_change');
  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`More actions for ${cluster.name}`}
          title="More actions"
          loading={start.isPending || stop.isPending}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          disabled={cluster.status !== 'RUNNING' || reason !== null}
          title={reason ?? undefined}
          onClick={() => stop.mutate()}
        >
          Stop cluster
        </Menu.Item>
        <Menu.Item
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          disabled={cluster.status !== 'STOPPED' || reason !== null}
          title={reason ?? undefined}
          onClick={() => start.mutate()}
        >
          Start cluster
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconInfoCircle size={16} aria-hidden />}
          renderRoot={(props) => <Link to="/clusters/$id" params={{ id: cluster.id }} {...props} />}
        >
          View details
        </Menu.Item>
        <Menu.Item
          leftSection={<IconListCheck size={16} aria-hidden />}
          renderRoot={(props) => <Link to="/tasks" search={{ cluster: cluster.id }} {...props} />}
        >
          View tasks
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
