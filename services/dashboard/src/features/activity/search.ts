// The filters in the address of the Activity page, and as a filter of the API.
import type { TimelineFilter } from '@/lib/api/client';

export interface ActivitySearch {
  /** An organization; if absent, the one that is chosen in the header, or the first. */
  of?: string;
  workspace?: string;
  cluster?: string;
  user?: string;
  kind?: Kind;
  /** Days, both included: `2026-01-31`. */
  from?: string;
  until?: string;
}

export const KINDS = [
  { value: 'clusters', label: 'Clusters', types: 'cluster.*' },
  { value: 'tasks', label: 'Tasks', types: 'task.created,task.changed' },
  { value: 'steps', label: 'Task steps', types: 'task.step_began,task.step_ended' },
  { value: 'warnings', label: 'Warnings', types: 'cluster.expiring,cluster.idling' },
  { value: 'people', label: 'People and settings', types: 'organization.*' },
] as const;
export type Kind = (typeof KINDS)[number]['value'];

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined);
const day = (value: unknown) => {
  const given = text(value);
  return given && DAY.test(given) && !Number.isNaN(Date.parse(given)) ? given : undefined;
};

export function activitySearch(search: Record<string, unknown>): ActivitySearch {
  return {
    of: text(search.of),
    workspace: text(search.workspace),
    cluster: text(search.cluster),
    user: text(search.user),
    kind: KINDS.find(({ value }) => value === search.kind)?.value,
    from: day(search.from),
    until: day(search.until),
  };
}

/** The beginning of a day where the reader is, or of the day after it. */
function begins(of: string, daysLater = 0): string {
  const [year = 0, month = 1, date = 1] = of.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

export function toFilter(search: ActivitySearch, organization: string): TimelineFilter {
  const { workspace, cluster, user, kind, from, until } = search;
  const types = KINDS.find(({ value }) => value === kind)?.types;
  return {
    organization_id: organization,
    ...(workspace ? { workspace_id: workspace } : {}),
    ...(cluster ? { cluster_id: cluster } : {}),
    ...(user ? { user_id: user } : {}),
    ...(types ? { type: types } : {}),
    ...(from ? { from: begins(from) } : {}),
    ...(until ? { until: begins(until, 1) } : {}),
  };
}
