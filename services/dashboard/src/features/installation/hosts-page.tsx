// /hosts: the hosts of this installation and its self-checks; for administrators.
import { Paper, Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '@/components/empty-state';
import { PageHead } from '@/components/page-head';
import { ProblemAlert } from '@/components/problem-alert';
import { HostCard } from './host-card';
import classes from './hosts-page.module.css';
import { hostsQuery, installationQuery } from './queries';
import { ResetLinks } from './reset-links';
import { SelfChecks } from './self-checks';

export function HostsPage() {
  useDocumentTitle('Hosts · labyard');
  const hosts = useQuery(hostsQuery);
  const installation = useQuery(installationQuery);
  return (
    <>
      <PageHead title="Hosts" about={hosts.data ? summary(hosts.data) : '\u00a0'} />
      {hosts.error && (
        <div className={classes.problem}>
          <ProblemAlert
            error={hosts.error}
            busy={hosts.isFetching}
            onRetry={() => void hosts.refetch()}
          />
        </div>
      )}
      {!hosts.data && !hosts.error && <Bones name="Loading hosts" height={300} />}
      {hosts.data?.length === 0 && (
        <Paper withBorder radius="lg">
          <EmptyState icon={IconServerOff} title="No hosts yet">
            Start a provisioner-worker on a machine with Docker. The host appears here within
            seconds. make status shows what runs.
          </EmptyState>
        </Paper>
      )}
      <div className={classes.list}>
        {hosts.data?.map((host) => (
          <HostCard key={host.id} host={host} />
        ))}
      </div>
      <section className={classes.section} aria-label="The installation">
        {installation.error && (
          <ProblemAlert
            error={installation.error}
            busy={installation.isFetching}
            onRetry={() => void installation.refetch()}
          />
        )}
        {!installation.data && !installation.error && (
          <Bones name="Loading the self-checks" height={220} />
        )}
        {installation.data && <SelfChecks installation={installation.data} />}
      </section>
      <div className={classes.section} id="reset-password">
        <ResetLinks />
      </div>
    </>
  );
}

function summary(hosts: { reachable: boolean; clusters: number; busy: number; slots: number }[]) {
  const sum = (of: (host: (typeof hosts)[number]) => number) =>
    hosts.reduce((total, host) => total + of(host), 0);
  const online = hosts.filter((host) => host.reachable).length;
  const clusters = sum((host) => host.clusters);
  return [
    online === hosts.length ? `${online} online` : `${online} of ${hosts.length} online`,
    `${clusters} ${clusters === 1 ? 'cluster' : 'clusters'}`,
    `${sum((host) => host.busy)} of ${sum((host) => host.slots)} slots in use`,
  ].join(' · ');
}

const Bones = ({ name, height }: { name: string; height: number }) => (
  <div role="status" aria-label={name}>
    <Skeleton height={height} radius="lg" />
  </div>
);
