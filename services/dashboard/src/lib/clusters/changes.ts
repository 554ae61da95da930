// How the list of clusters follows events: pure, so that every order of arrival can be tried.
import type { Cluster, ClusterStatus, Event } from '@/lib/api/types';
import { isAfter } from '@/lib/events/cursor';

/** One cluster's state by an event or an answer. */
export interface Change {
  id: string;
  version: number;
  status: ClusterStatus;
  /** The whole cluster; absent where the event has its status and version alone. */
  cluster?: Cluster;
}

/** Clusters whose latest change is remembered; the oldest are forgotten first. */
const LATEST_MAX = 1_000;

export function changeOf(event: Event): Change | undefined {
  if (!event.cluster_id || !event.status) return undefined;
  const change = { id: event.cluster_id, version: event.version, status: event.status };
  return event.type.startsWith('cluster.') && isClusterOf(change.id, event.data)
    ? { ...change, cluster: event.data }
    : change;
}

const isClusterOf = (id: string, data: unknown): data is Cluster =>
  typeof data === 'object' && data !== null && 'id' in data && data.id === id && 'name' in data;

export const changeTo = (cluster: Cluster): Change => ({
  id: cluster.id,
  version: cluster.version,
  status: cluster.status,
  cluster,
});

/** The list after a change; the same list when it has that change or a newer one already. */
export function patch(list: Cluster[], change: Change): Cluster[] {
  const known = list.find((cluster) => cluster.id === change.id);
  if (known && change.version < known.version) return list;
  if (change.status === 'DELETED') {
    return known ? list.filter((cluster) => cluster !== known) : list;
  }
  if (!change.cluster) {
    if (!known || change.version === known.version) return list;
    const next = { ...known, status: change.status, version: change.version };
    return list.map((cluster) => (cluster === known ? next : cluster));
  }
  const next = change.cluster;
  if (known) return list.map((cluster) => (cluster === known ? next : cluster));
  return [...list, next].sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/**
 * The latest change of each cluster and its cursor. It keeps a late list from undoing newer events,
 * and late events from bringing back what is deleted.
 */
export class Latest {
  private readonly changes = new Map<string, { change: Change; cursor: string | null }>();

  /** False when a newer change of that cluster is known. */
  accept(change: Change, cursor: string | null): boolean {
    const known = this.changes.get(change.id);
    if (known && change.version < known.change.version) return false;
    const cluster =
      change.cluster ??
      (known?.change.version === change.version ? known.change.cluster : undefined);
    this.changes.delete(change.id);
    this.changes.set(change.id, { change: { ...change, cluster }, cursor });
    if (this.changes.size > LATEST_MAX) {
      const oldest = this.changes.keys().next().value;
      if (oldest !== undefined) this.changes.delete(oldest);
    }
    return true;
  }

  get(id: string): Change | undefined {
    return this.changes.get(id)?.change;
  }

  /** A list that was read at `cursor`, with the changes since. */
  over(list: Cluster[], cursor: string | null): Cluster[] {
    let result = list;
    for (const { change, cursor: changedAt } of this.changes.values()) {
      const listed = list.some((cluster) => cluster.id === change.id);
      if (listed || isAfter(changedAt, cursor)) result = patch(result, change);
    }
    return result;
  }

  clear() {
    this.changes.clear();
  }
}
