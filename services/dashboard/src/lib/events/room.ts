// Rooms of the WebSocket: what one can subscribe to, and whether something happened there.
import type { Event } from '@/lib/api/types';
import type { Room, Told, Whereabouts } from './protocol';

export const keyOf = ({ topic, id }: Room) => `${topic} ${id}`;

export const placeOf = ({ organization_id, workspace_id, cluster_id }: Omit<Whereabouts, 'page'>) =>
  [organization_id, workspace_id ?? '', cluster_id ?? ''].join(' ');

type Ids = Partial<Record<`${Room['topic']}_id`, string | null>>;

/** Where something happened; `before` is the event it came with, if it is not one itself. */
export function idsOf(told: Told, before?: Event): Ids {
  return told.type === 'vcluster:health' ? { ...before, ...told.data } : told.data;
}

export const isIn = ({ topic, id }: Room, ids: Ids) => ids[`${topic}_id`] === id;
