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
import { type Feed, openFeed } from '@/lib/events/feed';
import type { Connection } from '@/lib/events/protocol';
import { ClusterCache } from './cache';
import { useStatusToasts } from './status-toasts';

/** Between two reads of the list while no events arrive. */
export const POLL_MS = 5_000;

interface Live {
  cache: ClusterCache;
  connection: Connection;
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
            return cache.hear(signal.event, signal.cursor);
          case 'reset':
            return cache.reset();
          case 'signed_out':
            return signedOut.current();
        }
      },
    });
    feed.current = opened;
    return () => opened.close();
  }, [cache, listed, user]);

  const value = useMemo<Live>(
    () => ({
      cache,
      connection,
      retry: () => feed.current?.retry(),
      logOut: () => feed.current?.logOut(),
    }),
    [cache, connection],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}
