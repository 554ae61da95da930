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
import type { Event } from '@/lib/api/types';
import { type Feed, openFeed } from '@/lib/events/feed';
import type { Connection } from '@/lib/events/protocol';
import { ClusterCache } from './cache';
import { useStatusToasts } from './status-toasts';

/** Between two reads of the list while no events arrive. */
export const POLL_MS = 5_000;

interface Live {
  /** Who is signed in. */
  user: string;
  cache: ClusterCache;
  connection: Connection;
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
  const [heard, setHeard] = useState<Connection>('connecting');
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  const live = online && heard === 'live';
  cache.live = live;

  const list = useQuery({ ...cache.list, refetchInterval: live ? false : POLL_MS });
  // Before a first list there is no stream to connect.
  const unreachable = heard === 'connecting' && list.isError;
  const connection: Connection = !online || unreachable ? 'offline' : heard;
  useStatusToasts(list.data?.items, cache);

  const [listeners] = useState(() => new Set<(event: Event) => void>());
  const feed = useRef<Feed | null>(null);
  const signedOut = useRef(onSignedOut);
  signedOut.current = onSignedOut;
  const since = useRef<string | null>(null);
  since.current = list.data?.cursor ?? null;
  const listed = list.data !== undefined;

  useEffect(() => {
    if (!listed) return;
    const opened = openFeed({
      user,
      since: since.current,
      onSignal: (signal) => {
        switch (signal.kind) {
          case 'connection':
            return setHeard(signal.connection);
          case 'event':
            cache.hear(signal.event, signal.cursor);
            for (const hear of listeners) hear(signal.event);
            return;
          case 'reset':
            return cache.reset();
          case 'signed_out':
            return signedOut.current();
        }
      },
    });
    feed.current = opened;
    return () => opened.close();
  }, [cache, listed, listeners, user]);

  const value = useMemo<Live>(
    () => ({
      user,
      cache,
      connection,
      listen: (hear) => {
        listeners.add(hear);
        return () => listeners.delete(hear);
      },
      retry: () => feed.current?.retry(),
      logOut: () => feed.current?.logOut(),
    }),
    [cache, connection, listeners, user],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}
