// Whether an event that arrived is one of those that a timeline asks for: as the server decides it.
import type { TimelineFilter } from '@/lib/api/client';
import type { Event } from '@/lib/api/types';

/** Events that only have a list read again: no timeline has them. */
const SIGNALS = ['share.changed', 'webhook.changed', 'host.changed'];

export function fits(event: Event, filter: TimelineFilter): boolean {
  if (SIGNALS.includes(event.type)) return false;
  const ids = ['organization_id', 'workspace_id', 'cluster_id'] as const;
  if (ids.some((id) => filter[id] && event[id] !== filter[id])) return false;
  if (filter.user_id && askedFor(event) !== filter.user_id) return false;
  if (filter.type && !filter.type.split(',').some((type) => isOf(event.type, type))) return false;
  const at = Date.parse(event.time);
  if (filter.from && at < Date.parse(filter.from)) return false;
  return !filter.until || at < Date.parse(filter.until);
}

const isOf = (type: string, asked: string) =>
  asked.endsWith('*') ? type.startsWith(asked.slice(0, -1)) : type === asked;

function askedFor({ data }: Event): unknown {
  return typeof data === 'object' && data !== null && 'created_by' in data
    ? data.created_by
    : undefined;
}
