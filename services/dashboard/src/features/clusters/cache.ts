// Clusters and their open tasks in the query cache: read once, then patched by events.
import { type QueryClient, queryOptions, skipToken, useQuery } from '@tanstack/react-query';
import { api } from '@/lib/api/client';
import type { Cluster, Event, Task } from '@/lib/api/types';
import { type Change, changeOf, changeTo, Latest, patch } from './changes';

export interface ClusterList {
  items: Cluster[];
  /** Where in the log the list was read. */
  cursor: string | null;
}

/** Open tasks read with one list. */
const TASKS_READ_MAX = 20;

const LIST = ['clusters'] as const;
const taskKey = (id: string) => ['task', id] as const;

/** What one signed-in person's page knows of clusters; made anew at each log-in. */
export class ClusterCache {
  readonly latest = new Latest();
  /** Events arrive: nothing needs to be read again. */
  live = false;

  constructor(private readonly queries: QueryClient) {}

  readonly list = queryOptions({
    queryKey: LIST,
    queryFn: async ({ signal }): Promise<ClusterList> => {
      const { value, cursor } = await api.clusters(signal);
      const items = this.latest.over(value, cursor);
      this.readTasks(items);
      return { items, cursor };
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

  /** Takes in what an event says; what is older than what we have is dropped. */
  hear(event: Event, cursor: string) {
    if (isTask(event)) this.putTask(event.data);
    const change = changeOf(event);
    if (change) this.take(change, cursor);
  }

  /** Takes in a cluster from an answer. */
  put(cluster: Cluster, cursor: string | null) {
    this.take(changeTo(cluster), cursor);
  }

  putTask(task: Task) {
    this.queries.setQueryData<Task>(taskKey(task.id), (known) => newer(known, task));
  }

  /** What came between is unknown: read the list again and believe it. */
  reset() {
    this.latest.clear();
    void this.queries.invalidateQueries({ queryKey: LIST });
  }

  private take(change: Change, cursor: string | null) {
    if (!this.latest.accept(change, cursor)) return;
    this.queries.setQueryData<ClusterList>(LIST, (known) => {
      if (!known) return known;
      const items = patch(known.items, change);
      return items === known.items ? known : { ...known, items };
    });
  }

  private readTasks(clusters: Cluster[]) {
    const open = clusters.flatMap((cluster) => cluster.task_id ?? []).slice(0, TASKS_READ_MAX);
    for (const id of open) {
      if (this.live && this.queries.getQueryData(taskKey(id))) continue;
      // Progress is an extra: without it the status alone is shown.
      api.task(id).then(
        (task) => this.putTask(task),
        () => undefined,
      );
    }
  }
}

const newer = (known: Task | undefined, task: Task) =>
  known && known.version > task.version ? known : task;

function isTask(event: Event): event is Event & { data: Task } {
  const { data } = event;
  return (
    event.type.startsWith('task.') &&
    typeof data === 'object' &&
    data !== null &&
    'steps' in data &&
    'id' in data
  );
}

/** The list as it is known; reading it is the feed's business. */
export const useClusterList = (cache: ClusterCache) => useQuery(cache.list);

/** A task as far as it is known; never fetched from here. */
export function useTask(id: string | null | undefined): Task | undefined {
  return useQuery<Task>({ queryKey: taskKey(id ?? ''), queryFn: skipToken }).data;
}
