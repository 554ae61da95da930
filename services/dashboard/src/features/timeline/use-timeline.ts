// Events as they were read, page by page, joined to those heard since: each once, newest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { pollWhile } from '@/features/clusters/live';
import { api, type TimelineFilter } from '@/lib/api/client';
import type { Event } from '@/lib/api/types';
import { fits } from './filter';
import { join } from './words';

/** Events heard while a timeline is shown; with more, they are read in pages like the others. */
export const HEARD_MAX = 500;

export function useTimeline(filter: TimelineFilter, connected: boolean) {
  const [heard, setHeard] = useState<Event[]>([]);
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
  const hear = useCallback(
    (event: Event) =>
      setHeard((known) => (known.some(({ id }) => id === event.id) ? known : [event, ...known])),
    [],
  );
  // What is dropped was heard before the pages are read again.
  if (heard.length > HEARD_MAX) {
    setHeard(heard.slice(0, HEARD_MAX / 2));
    void refetch();
  }
  const read = data?.pages.flatMap(({ value }) => value.items);
  const wanted = heard.filter((event) => fits(event, filter));
  return {
    ...query,
    hear,
    /** Where in the log the newest page was read; absent until it was. */
    since: data ? (data.pages[0]?.cursor ?? null) : undefined,
    events: read && join(wanted, read),
  };
}
