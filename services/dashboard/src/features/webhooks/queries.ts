// Webhooks and their deliveries as queries: read when shown, and again when an event says that they
// changed.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { webhooks } from '@/lib/api/webhooks';
import { PEOPLE } from '@/lib/people/queries';

const DELIVERIES_PAGE = 30;
export const DELIVERIES = ['deliveries'] as const;
/** A list of more pages than these is not read again: each time would read all of them. */
export const LIVE_PAGES_MAX = 3;

export const webhooksQuery = (workspace: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'webhooks', workspace],
    queryFn: ({ signal }) => webhooks.list(workspace, signal),
    retry: false,
  });

/** The key of all queries of a webhook's deliveries. */
export const deliveriesOf = (webhook: string) => [...DELIVERIES, webhook];

export const deliveriesQuery = (webhook: string, status?: 'failed') =>
  infiniteQueryOptions({
    queryKey: [...deliveriesOf(webhook), status],
    queryFn: ({ pageParam, signal }) => {
      const wanted = { limit: DELIVERIES_PAGE, status, cursor: pageParam };
      return webhooks.deliveries(webhook, wanted, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
  });

/** Reads a workspace's webhooks again after a change. */
export const readAgain = (queries: QueryClient, workspace: string) =>
  queries.invalidateQueries({ queryKey: webhooksQuery(workspace).queryKey });
