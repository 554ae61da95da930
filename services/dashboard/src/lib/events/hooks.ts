// What a page hears of the live connections, as hooks. Each `on…` gives back what ends it: call it
// when the part goes, as `useEffect(() => onWorkspaceStatus(show), [onWorkspaceStatus])` does.
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
import type { Feed, FeedState } from './feed';
import type { Here, Room, Whereabouts } from './protocol';
import { placeOf } from './room';
import { Channel, type Handler } from './rooms';

export const FeedContext = createContext<Feed | null>(null);

export function useFeed(): Feed {
  const feed = use(FeedContext);
  if (!feed) throw new Error('useFeed outside FeedContext');
  return feed;
}

/** How the event stream is, which keeps the lists true. */
export function useStream(): FeedState {
  const feed = useFeed();
  return useSyncExternalStore(feed.watch, () => feed.stream);
}

/** The WebSocket: how it is, everything that comes over it, rooms of it. */
export function useWebSocket() {
  const feed = useFeed();
  const { connection, reconnects } = useSyncExternalStore(feed.watch, () => feed.socket);
  const { rooms, retry } = feed;
  const subscribe = useCallback(
    (room: Room, since: string | null, channel: Channel) => rooms.listen(room, since, channel),
    [rooms],
  );
  return { connection, reconnects, on: rooms.all.on, subscribe, retry };
}

/**
 * A room as long as it is named: from a place in the log (where the list was read that it goes on
 * from), or from now on. Whoever is still reading that list names no room yet.
 */
function useRoom(room: Room | undefined, since: string | null) {
  const { connection, subscribe } = useWebSocket();
  const [channel] = useState(() => new Channel());
  const from = useRef(since);
  from.current = since;
  const { topic, id } = room ?? {};
  useEffect(() => {
    if (!topic || !id) return;
    return subscribe({ topic, id }, from.current, channel);
  }, [subscribe, channel, topic, id]);
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
  const room = organization && workspace ? workspace : undefined;
  return useUpdates(room ? { topic: 'workspace', id: room } : undefined, since);
}

/** What happens in every workspace of an organization. */
export function useOrganizationUpdates(
  organization: string | undefined,
  since: string | null = null,
) {
  return useUpdates(organization ? { topic: 'organization', id: organization } : undefined, since);
}

function useUpdates(room: Room | undefined, since: string | null) {
  const { connected, on, onReset } = useRoom(room, since);
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
  const { connected, on, onReset } = useRoom(task ? { topic: 'task', id: task } : undefined, since);
  return useMemo(
    () => ({
      connected,
      onReset,
      onTaskProgress: (handler: Handler<'task:progress'>) => on('task:progress', handler),
    }),
    [connected, on, onReset],
  );
}

/** Says where the person is as long as it is shown; tells who is there, themselves included. */
export function usePresence(places: Whereabouts[]): Here[] {
  const { rooms } = useFeed();
  const [here, setHere] = useState<ReadonlyMap<string, Here[]>>(new Map());
  // Places are small and made anew with each render: they are told apart by what they say.
  const wanted = JSON.stringify(places);
  useEffect(() => {
    const ends = (JSON.parse(wanted) as Whereabouts[]).map((place) =>
      rooms.stay(place, (now) => setHere((known) => new Map(known).set(placeOf(place), now))),
    );
    return () => {
      for (const end of ends) end();
      setHere(new Map());
    };
  }, [rooms, wanted]);
  return useMemo(() => [...here.values()].flat(), [here]);
}
