// Topics of the WebSocket and places of presence: their keys, and which topics a message belongs to.
import type { Event } from '@/lib/api/types';
import type { Topic, TopicMessage, Whereabouts } from './protocol';

export const topicKey = ({ kind, id }: Topic) => `${kind} ${id}`;

export const placeKey = ({
  organization_id,
  workspace_id,
  cluster_id,
}: Omit<Whereabouts, 'page'>) => [organization_id, workspace_id ?? '', cluster_id ?? ''].join(' ');

type Ids = Partial<Record<`${Topic['kind']}_id`, string | null>>;

/**
 * What a message is about. A cluster's health names its cluster alone: the rest is in `cause`, the
 * event that it follows.
 */
export const idsOf = (message: TopicMessage, cause?: Event): Ids =>
  message.type === 'vcluster:health' ? { ...cause, ...message.data } : message.data;

export const isAbout = (ids: Ids, { kind, id }: Topic) => ids[`${kind}_id`] === id;
