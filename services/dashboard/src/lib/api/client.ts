// The HTTP API of clusters, tasks and hosts, and of logging in; people.ts has the rest.
import {
  client,
  data,
  PAGE_SIZE,
  PAGES_MAX,
  type Positioned,
  path,
  positioned,
  seenAs,
} from './send';

export type { Positioned } from './send';

import { ApiError, notKept } from './problem';

import type {
  Accepted,
  Cluster,
  ClusterVersion,
  CreateCluster,
  Event,
  ExecResult,
  Host,
  Installation,
  Login,
  Me,
  Page,
  Register,
  Task,
  TaskKind,
  TaskStatus,
  User,
} from './types';

/** Words that this version knows, and so may ask for. */
export type Known<Word> = Exclude<Word, 'unknown'>;

/** Of which tasks a list is. */
export interface TaskFilter {
  cluster_id?: string;
  status?: Known<TaskStatus>;
  kind?: Known<TaskKind>;
}

/** Of which events a timeline is. */
export interface TimelineFilter {
  organization_id?: string;
  workspace_id?: string;
  cluster_id?: string;
  /** Who asked for it. */
  user_id?: string;
  /** Types with commas between them; `cluster.*` is all of a noun. */
  type?: string;
  /** From this moment on, until before that one. */
  from?: string;
  until?: string;
}

const TASKS_PAGE = 30;
const TIMELINE_PAGE = 40;

export const api = {
  me: (): Promise<Me> => data(client.GET('/api/v1/auth/me')),
  register: (body: Register): Promise<User> => data(client.POST('/api/v1/auth/register', { body })),
  /** Logs in and sees that this browser has kept it: it drops a cookie without a word. */
  logIn: async (body: Login): Promise<User> => {
    const user = await data(client.POST('/api/v1/auth/session', { body }));
    await data(client.GET('/api/v1/auth/me')).catch((thrown: unknown) => {
      throw thrown instanceof ApiError && thrown.status === 401 ? notKept() : thrown;
    });
    return user;
  },
  logOut: (): Promise<unknown> => data(client.DELETE('/api/v1/auth/session')),

  /** Every cluster the person may see, newest first, with the cursor of the first page. */
  clusters: async (signal?: AbortSignal): Promise<Positioned<Cluster[]>> => {
    const items: Cluster[] = [];
    let cursor: string | null = null;
    let next: string | null | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query: { limit: number; cursor?: string } = { limit: PAGE_SIZE };
      if (next) query.cursor = next;
      const read: Positioned<Page<Cluster>> = await positioned(
        client.GET('/api/v1/clusters', { params: { query }, signal }),
      );
      items.push(...read.value.items);
      // Later pages may be newer than the first; what happened since is heard from the stream.
      if (page === 0) cursor = read.cursor;
      next = read.value.next_cursor;
      if (!next) break;
    }
    return { value: items, cursor };
  },
  createCluster: (body: CreateCluster): Promise<Positioned<Accepted>> =>
    positioned(client.POST('/api/v1/clusters', { body })),
  deleteCluster: (id: string): Promise<Positioned<Accepted>> =>
    positioned(client.DELETE('/api/v1/clusters/{id}', path(id))),
  extendCluster: (id: string, hours: number): Promise<Positioned<Cluster>> =>
    positioned(client.POST('/api/v1/clusters/{id}/extend', { ...path(id), body: { hours } })),
  exec: (id: string, command: string, signal: AbortSignal): Promise<ExecResult> =>
    data(
      client.POST('/api/v1/clusters/{id}/exec', {
        ...path(id),
        body: { command, encoding: 'utf-8' },
        signal,
      }),
    ),
  kubeconfig: (id: string): Promise<string> =>
    data(client.GET('/api/v1/clusters/{id}/kubeconfig', { ...path(id), parseAs: 'text' })),
  clusterVersions: async (): Promise<ClusterVersion[]> =>
    (await data(client.GET('/api/v1/cluster-versions'))).items,
  cluster: (id: string): Promise<Positioned<Cluster>> =>
    positioned(client.GET('/api/v1/clusters/{id}', path(id))),
  startCluster: (id: string): Promise<Positioned<Accepted>> =>
    positioned(client.POST('/api/v1/clusters/{id}/start', path(id))),
  stopCluster: (id: string): Promise<Positioned<Accepted>> =>
    positioned(client.POST('/api/v1/clusters/{id}/stop', path(id))),
  setAutoStop: (id: string, minutes: number | null): Promise<Positioned<Cluster>> =>
    positioned(client.POST('/api/v1/clusters/{id}/auto-stop', { ...path(id), body: { minutes } })),
  /** Somebody looks at this cluster. */
  markActive: (id: string): Promise<unknown> =>
    data(client.POST('/api/v1/clusters/{id}/active', path(id))),

  tasks: (filter: TaskFilter, cursor?: string, signal?: AbortSignal): Promise<Page<Task>> => {
    const query = { ...filter, limit: TASKS_PAGE, ...(cursor ? { cursor } : {}) };
    return data(client.GET('/api/v1/tasks', { params: { query }, signal }));
  },
  task: (id: string, signal?: AbortSignal): Promise<Task> =>
    data(client.GET('/api/v1/tasks/{id}', { ...path(id), signal })),
  /** Cancels a task if it is still where the person saw it. */
  cancelTask: (id: string, seen: TaskStatus): Promise<Positioned<Accepted>> =>
    positioned(
      client.POST('/api/v1/tasks/{id}/cancel', seen === 'unknown' ? path(id) : seenAs(id, seen)),
    ),
  retryTask: (id: string): Promise<Positioned<Accepted>> =>
    positioned(client.POST('/api/v1/tasks/{id}/retry', path(id))),

  timeline: (
    filter: TimelineFilter,
    cursor?: string,
    signal?: AbortSignal,
  ): Promise<Positioned<Page<Event>>> => {
    const query = { ...filter, limit: TIMELINE_PAGE, ...(cursor ? { cursor } : {}) };
    return positioned(client.GET('/api/v1/timeline', { params: { query }, signal }));
  },

  hosts: async (signal?: AbortSignal): Promise<Host[]> =>
    (await data(client.GET('/api/v1/hosts', { params: { query: { limit: PAGE_SIZE } }, signal })))
      .items,
  installation: (signal?: AbortSignal): Promise<Installation> =>
    data(client.GET('/api/v1/installation', { signal })),
  pausePool: (paused: boolean): Promise<Installation> =>
    data(client.POST('/api/v1/installation/pool', { body: { paused } })),
};
