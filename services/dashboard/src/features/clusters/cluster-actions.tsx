// What can be done with one cluster, each control there only awake when it would work.
import { ActionIcon, Button } from '@mantine/core';
import { IconTerminal2, IconTrash } from '@tabler/icons-react';
import type { Cluster } from '@/lib/api/types';
import classes from './cluster-actions.module.css';
import { ExtendMenu } from './extend-cluster';
import { KubeconfigButton } from './kubeconfig-button';

export interface ClusterActionsProps {
  cluster: Cluster;
  onTerminal: (cluster: Cluster) => void;
  onDelete: (cluster: Cluster) => void;
}

export function ClusterActions({ cluster, onTerminal, onDelete }: ClusterActionsProps) {
  const running = cluster.status === 'RUNNING';
  const going = cluster.status === 'DELETING' || cluster.status === 'DELETED';
  return (
    <div className={classes.actions}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconTerminal2 size={16} aria-hidden />}
        aria-label={`Terminal of ${cluster.name}`}
        title={running ? 'Run commands in it' : 'Commands need a running cluster'}
        disabled={!running}
        onClick={() => onTerminal(cluster)}
      >
        Terminal
      </Button>
      <KubeconfigButton cluster={cluster} disabled={!running} />
      <ExtendMenu cluster={cluster} disabled={going} />
      <ActionIcon
        variant="subtle"
        color="red"
        className={classes.delete}
        size="lg"
        aria-label={`Delete ${cluster.name}`}
        title="Delete"
        disabled={going}
        onClick={() => onDelete(cluster)}
      >
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
    </div>
  );
}
