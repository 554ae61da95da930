// The application's connection: the list of clusters as it was read, then the events since. While
// there is no connection the list is read every few seconds.
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
import { isPassing } from './api/problem';
import type { Event } from './api/types';
import { ClusterCache } from './clusters/cache';
import { PageConnectionContext } from './events/hooks';
import { PageConnection } from './events/page-connection';
import type { ConnectionStatus } from './events/protocol';
import { safely } from './events/safely';

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

type EventHandler = (event: Event) => void;

interface Live {
  /** Who is signed in. */
  user: string;
  cache: ClusterCache;
  /** Of the stream of events, which keeps the lists true. */
  connection: ConnectionStatus;
  /** Of everything that the page uses: where it listens to topics, of the WebSocket too. */
  shown: ConnectionStatus;
  /** How often the stream of events came back after it had been lost. */
  reconnects: number;
  /** Calls back with every event; returns what ends it. */
  onEvent(handler: EventHandler): () => void;
  retry(): void;
  /** Signs every page of this browser out. */
  logOut(): void;
}

const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error('useLive outside LiveProvider');
  return live;
}

/** Calls back with every event that arrives while the part is shown. */
export function useEvents(handler: EventHandler) {
  const { onEvent } = useLive();
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => onEvent((event) => latest.current(event)), [onEvent]);
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

export function LiveProvider(props: {
  user: string;
  onSignedOut: () => void;
  children: ReactNode;
}) {
  const { user, onSignedOut, children } = props;
  const queries = useQueryClient();
  const cache = useMemo(() => new ClusterCache(queries), [queries]);
  const [handlers] = useState(() => new Set<EventHandler>());
  const signedOut = useRef(onSignedOut);
  signedOut.current = onSignedOut;
  const page = useMemo(
    () =>
      new PageConnection(user, {
        event: (event, cursor) => {
          cache.onEvent(event, cursor);
          for (const handler of handlers) safely(() => handler(event));
        },
        reset: () => cache.reset(),
        signedOut: () => signedOut.current(),
      }),
    [cache, handlers, user],
  );
  const stream = useSyncExternalStore(page.watch, () => page.stream);
  const both = useSyncExternalStore(page.watch, () => page.connection);
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  const live = online && stream.connection === 'live';
  cache.live = live;

  const list = useQuery({ ...cache.list, refetchInterval: pollWhile(live) });
  const { refetch } = list;
  const outlived = live && isPassing(list.error);
  useEffect(() => {
    if (outlived) void refetch();
  }, [outlived, refetch]);
  // Before a first list there is no stream to connect.
  const unreachable = stream.connection === 'connecting' && list.isError;
  const cutOff = !online || unreachable;
  const connection: ConnectionStatus = cutOff ? 'offline' : stream.connection;
  const shown: ConnectionStatus = cutOff ? 'offline' : both;

  const since = useRef<string | null>(null);
  since.current = list.data?.cursor ?? null;
  const listed = list.data !== undefined;
  useEffect(() => {
    if (!listed) return;
    page.start(since.current);
    return () => page.close();
  }, [page, listed]);

  const { reconnects } = stream;
  const value = useMemo<Live>(
    () => ({
      user,
      cache,
      connection,
      shown,
      reconnects,
      onEvent: (handler) => {
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
      retry: page.retry,
      logOut: () => page.logOut(),
    }),
    [cache, connection, handlers, page, reconnects, shown, user],
  );
  return (
    <PageConnectionContext value={page}>
      <LiveContext value={value}>{children}</LiveContext>
    </PageConnectionContext>
  );
}
