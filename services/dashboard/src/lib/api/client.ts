// The one door to the HTTP API: every request goes through here, every failure is an ApiError.
import createClient from 'openapi-fetch';
import { noteServerDate } from '@/lib/time/clock';
import { fromAnswer, unreachable } from './problem';
import type {
  Accepted,
  Cluster,
  ClusterVersion,
  CreateCluster,
  ExecResult,
  Login,
  Me,
  Page,
  paths,
  Register,
  Task,
  User,
} from './types';

/** The header that says at which place in the log an answer was read. */
const POSITION = 'Labyard-Position';
/** Items on a page of a list, and the most pages one list is read for. */
const PAGE_SIZE = 200;
const PAGES_MAX = 10;

// Requests are absolute only because tests run where relative ones cannot be sent.
const client = createClient<paths>({
  baseUrl: globalThis.location?.origin,
  fetch: (request) => globalThis.fetch(request),
});

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function answer<T>(sent: Promise<Reply<T>>): Promise<{ data: T; response: Response }> {
  let reply: Reply<T>;
  try {
    reply = await sent;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw unreachable();
  }
  noteServerDate(reply.response.headers.get('Date'), Date.now());
  if (!reply.response.ok) throw fromAnswer(reply.response.status, reply.error);
  return { data: reply.data as T, response: reply.response };
}

const data = async <T>(sent: Promise<Reply<T>>): Promise<T> => (await answer(sent)).data;

/** Something read, with the cursor of the place in the log it was read at. */
export interface Positioned<T> {
  value: T;
  cursor: string | null;
}

async function positioned<T>(sent: Promise<Reply<T>>): Promise<Positioned<T>> {
  const { data: value, response } = await answer(sent);
  return { value, cursor: response.headers.get(POSITION) };
}

const path = (id: string) => ({ params: { path: { id } } });

export const api = {
  me: (): Promise<Me> => data(client.GET('/api/v1/auth/me')),
  register: (body: Register): Promise<User> => data(client.POST('/api/v1/auth/register', { body })),
  logIn: (body: Login): Promise<User> => data(client.POST('/api/v1/auth/session', { body })),
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
    data(client.POST('/api/v1/clusters/{id}/exec', { ...path(id), body: { command }, signal })),
  kubeconfig: (id: string): Promise<string> =>
    data(client.GET('/api/v1/clusters/{id}/kubeconfig', { ...path(id), parseAs: 'text' })),
  clusterVersions: async (): Promise<ClusterVersion[]> =>
    (await data(client.GET('/api/v1/cluster-versions'))).items,
  task: (id: string): Promise<Task> => data(client.GET('/api/v1/tasks/{id}', path(id))),
};
