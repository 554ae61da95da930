// The live connections as hooks. Each `on…` returns what ends it: call that when the part goes, as
// `useEffect(() => onWorkspaceStatus(show), [onWorkspaceStatus])` does.
import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { PageConnection } from './page-connection';
import { Channel, type Handler } from './page-subscriptions';
import type { Here, Topic, Whereabouts } from './protocol';
import { placeKey } from './topic';

export const PageConnectionContext = createContext<PageConnection | null>(null);

function usePageConnection(): PageConnection {
  const connection = use(PageConnectionContext);
  if (!connection) throw new Error('usePageConnection outside PageConnectionContext');
  return connection;
}

/** The WebSocket: how it is, everything that comes over it, subscriptions to topics. */
export function useWebSocket() {
  const page = usePageConnection();
  const { connection, reconnects } = useSyncExternalStore(page.watch, () => page.socket);
  const { subscriptions, retry } = page;
  const subscribe = useCallback(
    (topic: Topic, since: string | null, channel: Channel) =>
      subscriptions.listen(topic, since, channel),
    [subscriptions],
  );
  return { connection, reconnects, on: subscriptions.all.on, subscribe, retry };
}

/**
 * Listens to a topic: after `since`, the cursor at which the list was read that its messages continue,
 * or from now on. While that list is still being read, there is no topic yet.
 */
function useTopic(topic: Topic | undefined, since: string | null) {
  const { connection, subscribe } = useWebSocket();
  const [channel] = useState(() => new Channel());
  const from = useRef(since);
  from.current = since;
  const { kind, id } = topic ?? {};
  useEffect(() => {
    if (!kind || !id) return;
    return subscribe({ kind, id }, from.current, channel);
  }, [subscribe, channel, kind, id]);
  const { on } = channel;
  return useMemo(() => {
    const onReset = (handler: Handler<'reset'>) => on('reset', handler);
    return { connected: connection === 'live', on, onReset };
  }, [connection, on]);
}

/** What happens in one workspace of an organization. */
export function useWorkspaceUpdates(
  organization: string | undefined,
  workspace: string | undefined,
  since: string | null = null,
) {
  const id = organization && workspace ? workspace : undefined;
  return useUpdates(id ? { kind: 'workspace', id } : undefined, since);
}

/** What happens in every workspace of an organization. */
export function useOrganizationUpdates(
  organization: string | undefined,
  since: string | null = null,
) {
  return useUpdates(organization ? { kind: 'organization', id: organization } : undefined, since);
}

function useUpdates(topic: Topic | undefined, since: string | null) {
  const { connected, on, onReset } = useTopic(topic, since);
  return useMemo(
    () => ({
      connected,
      onReset,
      onWorkspaceStatus: (handler: Handler<'workspace:status'>) => on('workspace:status', handler),
      onVClusterHealth: (handler: Handler<'vcluster:health'>) => on('vcluster:health', handler),
      onTaskProgress: (handler: Handler<'task:progress'>) => on('task:progress', handler),
      /** What has no message of its own. */
      onEvent: (handler: Handler<'event'>) => on('event', handler),
    }),
    [connected, on, onReset],
  );
}

/** How far one task is. */
export function useTaskMonitoring(task: string | undefined, since: string | null = null) {
  const { connected, on, onReset } = useTopic(task ? { kind: 'task', id: task } : undefined, since);
  return useMemo(
    () => ({
      connected,
      onReset,
      onTaskProgress: (handler: Handler<'task:progress'>) => on('task:progress', handler),
    }),
    [connected, on, onReset],
  );
}

/** Says where the person is as long as the part is shown; returns who is there, themselves included. */
export function usePresence(places: Whereabouts[]): Here[] {
  const { subscriptions } = usePageConnection();
  const [here, setHere] = useState<ReadonlyMap<string, Here[]>>(new Map());
  // Places are small and made anew with each render: they are compared by what they say.
  const wanted = JSON.stringify(places);
  useEffect(() => {
    const ends = (JSON.parse(wanted) as Whereabouts[]).map((place) =>
      subscriptions.enter(place, (now) =>
        setHere((known) => new Map(known).set(placeKey(place), now)),
      ),
    );
    return () => {
      for (const end of ends) end();
      setHere(new Map());
    };
  }, [subscriptions, wanted]);
  return useMemo(() => [...here.values()].flat(), [here]);
}
