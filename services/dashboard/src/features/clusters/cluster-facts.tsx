// What a cluster is, how long it lives and when it rests.
import { CopyButton, Paper, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Cluster } from '@/lib/api/types';
import { moment } from '@/lib/time/format';
import { AutoStopSetting } from './auto-stop';
import { isGoing } from './cluster-actions';
import classes from './cluster-facts.module.css';
import { ExtendMenu } from './extend-cluster';
import { useLive } from './live';
import { Age, TimeLeft } from './times';

const GIB = 1024;

export function ClusterFacts({ cluster }: { cluster: Cluster }) {
  const { user } = useLive();
  const { resources } = cluster;
  const going = isGoing(cluster);
  return (
    <Paper withBorder radius="lg" className={classes.card}>
      <dl className={classes.facts}>
        <Fact name="Time left">
          <div className={classes.pair}>
            <TimeLeft cluster={cluster} />
            {!going && <ExtendMenu cluster={cluster} disabled={false} withLabel />}
          </div>
          {!going && (
            <Text size="xs" c="dimmed">
              Deleted by itself {moment(cluster.expires_at)}
            </Text>
          )}
        </Fact>
        {cluster.status !== 'DELETED' && (
          <Fact name="Stops by itself">
            <AutoStopSetting cluster={cluster} disabled={going} />
          </Fact>
        )}
        <Fact name="Health">
          <span data-testid={`health-${cluster.name}`}>
            {cluster.health === 'UNREACHABLE' ? 'Its host does not answer' : 'Its host answers'}
          </span>
        </Fact>
        <Fact name="Kubernetes">{cluster.k8s_version}</Fact>
        <Fact name="Size">
          {resources.cpu_millis / 1000} CPU · {round(resources.memory_mib / GIB)} GiB memory
        </Fact>
        <Fact name="Host">{cluster.host ?? 'None yet'}</Fact>
        <Fact name="Created">
          <Age since={cluster.created_at} /> by{' '}
          {cluster.created_by === user ? 'you' : 'a colleague'}
        </Fact>
        <Fact name="ID">
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

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
