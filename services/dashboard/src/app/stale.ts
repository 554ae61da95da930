// Which queries an event makes stale: of lists whose events say that they changed, not what they are now.
import type { Query, QueryKey } from '@tanstack/react-query';
import { HOSTS, INSTALLATION } from '@/features/installation/queries';
import {
  DELIVERIES,
  deliveriesOf,
  LIVE_PAGES_MAX,
  webhooksQuery,
} from '@/features/webhooks/queries';
import type { Event } from '@/lib/api/types';
import { CLUSTERS } from '@/lib/clusters/cache';
import { accessQuery, PEOPLE, sharesQuery } from '@/lib/people/queries';

/** All queries of such lists: read now and then while there is no connection. */
export const FOLLOWED: QueryKey[] = [PEOPLE, DELIVERIES, HOSTS, INSTALLATION];

interface Changed {
  workspace_id?: string;
  cluster_id?: string;
  webhook_id?: string;
}

export function staleBy({ type, data }: Event): QueryKey[] {
  const about: Changed = typeof data === 'object' && data !== null ? data : {};
  switch (type) {
    case 'share.changed': {
      const id = about.cluster_id ?? '';
      // The person may have gained or lost a cluster by it.
      return [sharesQuery(id).queryKey, accessQuery(id).queryKey, CLUSTERS];
    }
    case 'webhook.changed':
      return [
        webhooksQuery(about.workspace_id ?? '').queryKey,
        deliveriesOf(about.webhook_id ?? ''),
      ];
    case 'host.changed':
      return [HOSTS, INSTALLATION];
    default:
      return type.startsWith('organization.') ? [PEOPLE] : [];
  }
}

/** A list of many pages is not read again as a whole. */
export const isShort = ({ state }: Query): boolean => {
  const { data } = state;
  const paged = typeof data === 'object' && data !== null && 'pages' in data ? data.pages : [];
  return !Array.isArray(paged) || paged.length <= LIVE_PAGES_MAX;
};
