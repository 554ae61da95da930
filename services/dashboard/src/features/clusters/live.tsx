// Keeps the signed-in person's clusters true: list, then events since that list; while there is no
// connection the list is read every few seconds, and the page says so.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  use,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { isPassing } from '@/lib/api/problem';
import type { Event } from '@/lib/api/types';
import { Feed } from '@/lib/events/feed';
import { FeedContext } from '@/lib/events/hooks';
import type { Connection } from '@/lib/events/protocol';
import { safely } from '@/lib/events/safely';
import { ClusterCache } from './cache';
import { useStatusToasts } from './status-toasts';

/** Between two reads of the list while no events arrive. */
export const POLL_MS = 5_000;

/**
 * When to read again what events keep true: while none arrive, and until a server that was away has
 * answered, or its error would stand beside a live page.
 */
export const pollWhile =
  (connected: boolean) =>
  ({ state }: { state: { error: Error | null } }): number | false =>
    connected && !isPassing(state.error) ? false : POLL_MS;

interface Live {
  /** Who is signed in. */
  user: string;
  cache: ClusterCache;
  /** Of the stream of events, which keeps the lists true. */
  connection: Connection;
  /** Of everything that the page in sight uses: where it listens to rooms, of the WebSocket too. */
  shown: Connection;
  /** How often the stream of events came back after it had been lost. */
  reconnects: number;
  /** Calls back with every event; returns what ends it. */
  listen(hear: (event: Event) => void): () => void;
  retry(): void;
  /** Tells every page of this browser that the person has logged out. */
  logOut(): void;
}

const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error('useLive outside LiveClusters');
  return live;
}

/** Hears every event that arrives while the part is shown. */
export function useEvents(hear: (event: Event) => void) {
  const { listen } = useLive();
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => listen((event) => latest.current(event)), [listen]);
}

/** False while events do not arrive and things have to be asked for. */
export const useConnected = () => useLive().connection === 'live';

function subscribeToNetwork(listener: () => void) {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function LiveClusters(props: {
  user: string;
  onSignedOut: () => void;
  children: ReactNode;
}) {
  const { user, onSignedOut, children } = props;
  const queries = useQueryClient();
  const cache = useMemo(() => new ClusterCache(queries), [queries]);
  const [listeners] = useState(() => new Set<(event: Event) => void>());
  const signedOut = useRef(onSignedOut);
  signedOut.current = onSignedOut;
  const feed = useMemo(
    () =>
      new Feed(user, {
        event: (event, cursor) => {
          cache.hear(event, cursor);
          for (const hear of listeners) safely(() => hear(event));
        },
        reset: () => cache.reset(),
        signedOut: () => signedOut.current(),
      }),
    [cache, listeners, user],
  );
  const { connection: heard, reconnects } = useSyncExternalStore(feed.watch, () => feed.stream);
  const both = useSyncExternalStore(feed.watch, () => feed.connection);
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  const live = online && heard === 'live';
  cache.live = live;

  const list = useQuery({ ...cache.list, refetchInterval: pollWhile(live) });
  const { refetch } = list;
  const outlived = live && isPassing(list.error);
  useEffect(() => {
    if (outlived) void refetch();
  }, [outlived, refetch]);
  // Before a first list there is no stream to connect.
  const unreachable = heard === 'connecting' && list.isError;
  const cutOff = !online || unreachable;
  const connection: Connection = cutOff ? 'offline' : heard;
  const shown: Connection = cutOff ? 'offline' : both;
  useStatusToasts(list.data?.items, cache);

  const since = useRef<string | null>(null);
  since.current = list.data?.cursor ?? null;
  const listed = list.data !== undefined;
  useEffect(() => {
    if (!listed) return;
    feed.start(since.current);
    return () => feed.close();
  }, [feed, listed]);

  const value = useMemo<Live>(
    () => ({
      user,
      cache,
      connection,
      shown,
      reconnects,
      listen: (hear) => {
        listeners.add(hear);
        return () => listeners.delete(hear);
      },
      retry: feed.retry,
      logOut: () => feed.logOut(),
    }),
    [cache, connection, feed, listeners, reconnects, shown, user],
  );
  return (
    <FeedContext value={feed}>
      <LiveContext value={value}>{children}</LiveContext>
    </FeedContext>
  );
}
