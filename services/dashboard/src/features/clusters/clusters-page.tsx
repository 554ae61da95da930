// /dashboard: the clusters a person may see, with search and a form for a new one.
import { Button, Paper, Text, TextInput } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconPlus, IconSearch, IconServerOff } from '@tabler/icons-react';
import { useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { PageHead } from '@/components/page-head';
import { PollingNotice } from '@/components/polling-notice';
import { ProblemAlert } from '@/components/problem-alert';
import { WhoIsHere } from '@/components/who-is-here';
import type { Cluster } from '@/lib/api/types';
import { useClusterList } from '@/lib/clusters/cache';
import { isChanging } from '@/lib/clusters/status';
import { useLive } from '@/lib/live';
import { roleWords } from '@/lib/people/roles';
import { workspacesOf } from '@/lib/presence/places';
import { useMe } from '@/lib/session/me';
import { mayIn } from '@/lib/session/rights';
import { isWithin, useScope } from '@/lib/session/scope';
import { ClusterListSkeleton } from './cluster-list';
import classes from './clusters-page.module.css';
import { ClustersWithActions } from './clusters-with-actions';
import { CreateClusterDialog } from './create-cluster';
import { FirstRun } from './first-run';

/** From this many clusters on there is a search box. */
const SEARCH_FROM = 6;

function summary(clusters: Cluster[]): string {
  const count = (test: (cluster: Cluster) => boolean) => clusters.filter(test).length;
  const parts = [
    [count(({ status }) => status === 'RUNNING'), 'running'],
    [count(isChanging), 'changing'],
    [count(({ status }) => status === 'STOPPED'), 'stopped'],
    [count(({ status }) => status === 'ERROR'), 'failed'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(' · ');
}

export function ClustersPage() {
  useDocumentTitle('Clusters · labyard');
  const { cache } = useLive();
  const me = useMe();
  const { scope, choose } = useScope();
  const list = useClusterList(cache);
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useState('');

  const everything = list.data?.items;
  const clusters = everything?.filter((cluster) => isWithin(scope, cluster, me.organizations));
  const chosen = scope.kind === 'organization' ? scope.membership : undefined;
  const reason =
    chosen && !mayIn(chosen, 'cluster_create')
      ? `${roleWords(chosen.role).word}s can’t create clusters. Ask an admin of ${chosen.name} for the Member role.`
      : null;
  const searching = (clusters?.length ?? 0) >= SEARCH_FROM;
  const word = searching ? search.trim().toLowerCase() : '';
  const shown = clusters?.filter((cluster) => cluster.name.includes(word)) ?? [];

  return (
    <>
      <PageHead
        title="Clusters"
        marks={
          scope.kind !== 'shared' && (
            <WhoIsHere places={workspacesOf(me, chosen?.organization_id, '/dashboard')} />
          )
        }
        about={clusters ? summary(clusters) || 'No clusters yet' : '\u00a0'}
      >
        <div className={classes.tools}>
          {searching && (
            <TextInput
              type="search"
              aria-label="Search by name"
              placeholder="Search by name"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <Gated reason={reason}>
            <Button
              leftSection={<IconPlus size={17} aria-hidden />}
              onClick={() => setCreating(true)}
            >
              New cluster
            </Button>
          </Gated>
        </div>
      </PageHead>

      {!list.error && <PollingNotice />}
      {list.error && (
        <div className={classes.problem}>
          <ProblemAlert
            error={list.error}
            extra={
              clusters
                ? 'Showing the last known state. Retrying every 5 seconds.'
                : 'Retrying every 5 seconds.'
            }
            busy={list.isFetching}
            onRetry={() => void list.refetch()}
          />
        </div>
      )}

      {!clusters && !list.error && <ClusterListSkeleton />}
      {everything?.length === 0 && !reason && scope.kind !== 'shared' && (
        <FirstRun onCreate={() => setCreating(true)} />
      )}
      {clusters?.length === 0 &&
        (everything?.length !== 0 || reason || scope.kind === 'shared') && (
          <Paper withBorder radius="lg">
            <EmptyState
              icon={IconServerOff}
              title={scope.kind === 'shared' ? 'No shared clusters' : 'No clusters'}
              action={
                <Button variant="default" onClick={() => choose({ kind: 'all' })}>
                  Show all clusters
                </Button>
              }
            >
              {scope.kind === 'shared'
                ? 'Clusters that people outside your organizations share with you appear here.'
                : `${chosen?.name ?? 'This organization'} has no clusters.`}
            </EmptyState>
          </Paper>
        )}
      <ClustersWithActions clusters={shown} all={everything ?? []} />
      {clusters && clusters.length > 0 && shown.length === 0 && (
        <Text c="dimmed" ta="center" py="xl">
          No clusters match “{search.trim()}”.
        </Text>
      )}

      <CreateClusterDialog
        opened={creating}
        onClose={() => setCreating(false)}
        organization={chosen}
      />
    </>
  );
}
