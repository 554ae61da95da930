// /tasks: every operation on the person's clusters, and how it went.
import { Button, Paper, Select } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconListCheck } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { EmptyState } from '@/components/empty-state';
import { PageHead } from '@/components/page-head';
import { PollingNotice } from '@/components/polling-notice';
import { WhoIsHere } from '@/components/who-is-here';
import type { TaskFilter } from '@/lib/api/client';
import { useClusterList } from '@/lib/clusters/cache';
import { useLive } from '@/lib/live';
import { workspacesOf } from '@/lib/presence/places';
import { useMe } from '@/lib/session/me';
import { kindWord, statusOf, TASK_KINDS, TASK_STATUSES } from '@/lib/tasks/words';
import { TaskDrawer } from './task-drawer';
import { TaskList } from './task-list';
import classes from './tasks-page.module.css';

/** In the address: which tasks are listed, and which one is open. */
export interface TasksSearch {
  status?: (typeof TASK_STATUSES)[number];
  kind?: (typeof TASK_KINDS)[number];
  cluster?: string;
  task?: string;
}

const oneOf = <T extends string>(values: readonly T[], value: unknown) =>
  values.find((known) => known === value);
const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined);

export function tasksSearch(search: Record<string, unknown>): TasksSearch {
  const { status, kind, cluster, task } = search;
  return {
    status: oneOf(TASK_STATUSES, status),
    kind: oneOf(TASK_KINDS, kind),
    cluster: text(cluster),
    task: text(task),
  };
}

export function TasksPage() {
  useDocumentTitle('Tasks · labyard');
  const me = useMe();
  const search = useSearch({ from: '/members/tasks' });
  const navigate = useNavigate({ from: '/tasks' });
  const show = (more: TasksSearch, replace = true) =>
    void navigate({ search: (now) => ({ ...now, ...more }), replace, resetScroll: false });
  const filter: TaskFilter = {
    ...(search.status ? { status: search.status } : {}),
    ...(search.kind ? { kind: search.kind } : {}),
    ...(search.cluster ? { cluster_id: search.cluster } : {}),
  };
  const filtered = Object.keys(filter).length > 0;
  const clear = () => show({ status: undefined, kind: undefined, cluster: undefined });
  return (
    <>
      <PageHead
        title="Tasks"
        marks={<WhoIsHere places={workspacesOf(me, undefined, '/tasks')} />}
        about="Operations on your clusters"
      >
        <Filters search={search} onChange={show} />
      </PageHead>
      <PollingNotice />
      <TaskList
        filter={filter}
        onOpen={(task) => show({ task }, false)}
        empty={
          <Paper withBorder radius="lg">
            <EmptyState
              icon={IconListCheck}
              title={filtered ? 'No matching tasks' : 'No tasks yet'}
              action={
                filtered && (
                  <Button variant="default" onClick={clear}>
                    Clear filters
                  </Button>
                )
              }
            >
              {filtered
                ? 'No tasks match these filters.'
                : 'Create, start, stop or delete a cluster to see its task here.'}
            </EmptyState>
          </Paper>
        }
      />
      <TaskDrawer
        taskId={search.task}
        onClose={() => show({ task: undefined })}
        onFollow={(task) => show({ task })}
      />
    </>
  );
}

function Filters(props: { search: TasksSearch; onChange: (more: TasksSearch) => void }) {
  const { search, onChange } = props;
  const { cache } = useLive();
  const clusters = useClusterList(cache).data?.items ?? [];
  const named = clusters.map(({ id, name }) => ({ value: id, label: name }));
  // A cluster that is gone can still be asked for by a link.
  const gone = search.cluster && !clusters.some(({ id }) => id === search.cluster);
  if (gone) named.push({ value: search.cluster ?? '', label: 'Deleted cluster' });
  return (
    <div className={classes.filters}>
      <Select
        aria-label="Status"
        placeholder="Any status"
        clearable
        data={TASK_STATUSES.map((value) => ({ value, label: statusOf(value).word }))}
        value={search.status ?? null}
        onChange={(value) => onChange({ status: oneOf(TASK_STATUSES, value) })}
      />
      <Select
        aria-label="Kind"
        placeholder="Any kind"
        clearable
        data={TASK_KINDS.map((value) => ({ value, label: kindWord(value) }))}
        value={search.kind ?? null}
        onChange={(value) => onChange({ kind: oneOf(TASK_KINDS, value) })}
      />
      <Select
        aria-label="Cluster"
        placeholder="Any cluster"
        clearable
        searchable
        nothingFoundMessage="No matching clusters"
        data={named}
        value={search.cluster ?? null}
        onChange={(value) => onChange({ cluster: value ?? undefined })}
      />
    </div>
  );
}
