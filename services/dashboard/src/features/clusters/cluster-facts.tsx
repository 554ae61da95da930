// The facts of a cluster: time left, auto-stop, health, size, host, maker, ID.
import { Anchor, CopyButton, Paper, Text, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Cluster } from '@/lib/api/types';
import { isGoing } from '@/lib/clusters/status';
import { useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import { exact, moment } from '@/lib/time/format';
import { AutoStopSetting } from './auto-stop';
import classes from './cluster-facts.module.css';
import { ExtendMenu } from './extend-cluster';
import { Parts } from './parts';
import { Age, TimeLeft } from './times';

const GIB = 1024;

export function ClusterFacts({ cluster }: { cluster: Cluster }) {
  const { user } = useLive();
  const { resources } = cluster;
  const going = isGoing(cluster);
  const me = useMe();
  const reason = whyNot(me, cluster, 'cluster_change');
  // A guest by a share knows nothing of its workspace.
  const workspace = me.workspaces.find(({ id }) => id === cluster.workspace_id);
  return (
    <Paper withBorder radius="lg" className={classes.card}>
      <dl className={classes.facts}>
        <Fact name="Time left" wide>
          <div className={classes.pair}>
            <TimeLeft cluster={cluster} />
            {!going && <ExtendMenu cluster={cluster} disabled={false} withLabel />}
          </div>
          {!going && (
            <Text size="xs" c="dimmed" title={exact(cluster.expires_at)}>
              Auto-deletes {moment(cluster.expires_at)}
            </Text>
          )}
        </Fact>
        {cluster.status !== 'DELETED' && (
          <Fact name="Auto-stop" wide>
            <AutoStopSetting cluster={cluster} disabled={going} reason={reason} />
          </Fact>
        )}
        <Fact name="Health">
          <Parts cluster={cluster} />
        </Fact>
        {workspace && (
          <Fact name="Workspace">
            <Anchor
              size="sm"
              renderRoot={(root) => (
                <Link to="/workspaces/$id" params={{ id: workspace.id }} {...root} />
              )}
            >
              {workspace.name}
            </Anchor>
          </Fact>
        )}
        <Fact name="Kubernetes">{cluster.k8s_version}</Fact>
        <Fact name="Size">
          {resources.cpu_millis / 1000} CPU · {round(resources.memory_mib / GIB)} GiB memory
        </Fact>
        <Fact name="Host">{cluster.host ?? 'Not assigned'}</Fact>
        <Fact name="Created">
          <Age since={cluster.created_at} /> by{' '}
          {cluster.created_by === user ? 'you' : 'someone else'}
        </Fact>
        <Fact name="ID" wide>
          <CopyButton value={cluster.id}>
            {({ copied, copy }) => (
              <UnstyledButton className={classes.id} onClick={copy} title="Copy">
                {copied ? 'Copied' : cluster.id}
              </UnstyledButton>
            )}
          </CopyButton>
        </Fact>
      </dl>
    </Paper>
  );
}

const round = (number: number) => Math.round(number * 10) / 10;

function Fact({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? classes.wide : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
