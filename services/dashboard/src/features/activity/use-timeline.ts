// Events as they were read, page by page, joined to those that arrived since: each once, newest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { api, type TimelineFilter } from '@/lib/api/client';
import type { Event } from '@/lib/api/types';
import { pollWhile } from '@/lib/live';
import { fits } from './fits';
import { join } from './words';

/** Events that arrived while a timeline is shown; with more, the pages are read again. */
export const ARRIVED_MAX = 500;

export function useTimeline(filter: TimelineFilter, connected: boolean) {
  const [arrived, setArrived] = useState<Event[]>([]);
  const query = useInfiniteQuery({
    queryKey: ['timeline', filter],
    queryFn: ({ pageParam, signal }) => api.timeline(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ value }) => value.next_cursor ?? undefined,
    retry: false,
    refetchOnMount: 'always',
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchInterval: pollWhile(connected),
  });
  const { refetch, data } = query;
  const onEvent = useCallback(
    (event: Event) =>
      setArrived((known) => (known.some(({ id }) => id === event.id) ? known : [event, ...known])),
    [],
  );
  // The older half is dropped: the pages, read again, have it.
  if (arrived.length > ARRIVED_MAX) {
    setArrived(arrived.slice(0, ARRIVED_MAX / 2));
    void refetch();
  }
  const read = data?.pages.flatMap(({ value }) => value.items);
  const wanted = arrived.filter((event) => fits(event, filter));
  return {
    ...query,
    onEvent,
    /** The cursor at which the newest page was read; absent until it was. */
    since: data ? (data.pages[0]?.cursor ?? null) : undefined,
    events: read && join(wanted, read),
  };
}
