// Clusters and their open tasks in the query cache: read once, then patched by events.
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { api, type Positioned } from '@/lib/api/client';
import type { Accepted, Cluster, Event } from '@/lib/api/types';
import { TaskCache } from '@/lib/tasks/cache';
import { type Change, changeOf, changeTo, Latest, patch } from './changes';

export interface ClusterList {
  items: Cluster[];
  /** At which cursor the list was read. */
  cursor: string | null;
}

/** Open tasks read with one list. */
const TASKS_READ_MAX = 20;

/** The list's key. */
export const CLUSTERS = ['clusters'] as const;

/** The clusters of one signed-in person; made anew at each log-in. */
export class ClusterCache {
  readonly latest = new Latest();
  readonly tasks: TaskCache;
  /** Events arrive: nothing needs to be read again. */
  live = false;

  constructor(private readonly queries: QueryClient) {
    this.tasks = new TaskCache(queries);
  }

  readonly list = queryOptions({
    queryKey: CLUSTERS,
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

  /** An event that is older than what is known changes nothing. */
  onEvent(event: Event, cursor: string) {
    this.tasks.onEvent(event);
    const change = changeOf(event);
    if (change) this.apply(change, cursor);
  }

  /** A cluster from an answer. */
  put(cluster: Cluster, cursor: string | null) {
    this.apply(changeTo(cluster), cursor);
  }

  /** The answer to a request that began a task. */
  accept({ value, cursor }: Positioned<Accepted>) {
    this.tasks.put(value.task);
    this.put(value.cluster, cursor);
  }

  /** Events are lost: forgets the changes so far and reads the list again. */
  reset() {
    this.latest.clear();
    void this.queries.invalidateQueries({ queryKey: CLUSTERS });
    this.tasks.reset();
  }

  private apply(change: Change, cursor: string | null) {
    if (!this.latest.accept(change, cursor)) return;
    this.queries.setQueryData<ClusterList>(CLUSTERS, (known) => {
      if (!known) return known;
      const items = patch(known.items, change);
      return items === known.items ? known : { ...known, items };
    });
  }

  private readTasks(clusters: Cluster[]) {
    const open = clusters.flatMap((cluster) => cluster.task_id ?? []).slice(0, TASKS_READ_MAX);
    for (const id of open) {
      if (this.live && this.tasks.get(id)) continue;
      // Progress is an extra: without it the status alone is shown.
      api.task(id).then(
        (task) => this.tasks.put(task),
        () => undefined,
      );
    }
  }
}

/** The list as it is known; `LiveProvider` reads it. */
export const useClusterList = (cache: ClusterCache) => useQuery(cache.list);
