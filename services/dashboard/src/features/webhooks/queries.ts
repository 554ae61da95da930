// What is known of webhooks. They send no events of their own: what is in sight is read now and then.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { PEOPLE } from '@/features/organizations/queries';
import { webhooks } from '@/lib/api/webhooks';

const LIST_POLL_MS = 10_000;
const DELIVERIES_POLL_MS = 3_000;
const DELIVERIES_PAGE = 30;
/** Each time all that is shown is read: more pages than these stay as they are. */
export const LIVE_PAGES_MAX = 3;

export const webhooksQuery = (workspace: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'webhooks', workspace],
    queryFn: ({ signal }) => webhooks.list(workspace, signal),
    retry: false,
    refetchInterval: LIST_POLL_MS,
  });

export const deliveriesQuery = (webhook: string) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', webhook],
    queryFn: ({ pageParam, signal }) =>
      webhooks.deliveries(webhook, DELIVERIES_PAGE, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 0) <= LIVE_PAGES_MAX && DELIVERIES_POLL_MS,
  });

/** After something was done with a webhook. */
export const readAgain = (queries: QueryClient, workspace: string) =>
  queries.invalidateQueries({ queryKey: webhooksQuery(workspace).queryKey });
