// This page's end of the WebSocket: who on the page listens to which topic, and what each has got.
import { isAfter } from './cursor';
import type {
  FromHub,
  Here,
  Presence,
  SocketError,
  ToHub,
  Topic,
  TopicMessage,
  Whereabouts,
} from './protocol';
import { safely } from './safely';
import { placeKey, topicKey } from './topic';

type Handlers = {
  [Type in TopicMessage['type']]: (
    data: Extract<TopicMessage, { type: Type }>['data'],
    cursor: string,
  ) => void;
} & {
  /** The messages up to this cursor are lost: read again. */
  reset: (cursor: string) => void;
  presence: (presence: Presence) => void;
  error: (error: SocketError) => void;
};

export type SocketType = keyof Handlers;
export type Handler<Type extends SocketType> = Handlers[Type];

/** Handlers by type; each registration gives back what ends it. */
export class Channel {
  private readonly handlers = new Map<SocketType, Set<Handler<never>>>();

  on = <Type extends SocketType>(type: Type, handler: Handler<Type>): (() => void) => {
    const known = this.handlers.get(type) ?? new Set();
    this.handlers.set(type, known);
    known.add(handler as Handler<never>);
    return () => void known.delete(handler as Handler<never>);
  };

  emit(type: SocketType, ...args: unknown[]) {
    for (const handler of this.handlers.get(type) ?? []) {
      safely(() => (handler as (...all: unknown[]) => void)(...args));
    }
  }
}

interface Listener {
  topic: Topic;
  channel: Channel;
  /** The newest event it got. */
  eventCursor: string | null;
  /** The newest health it got: apart, because it has the cursor of the event that it follows. */
  healthCursor: string | null;
}

interface Visit {
  place: Whereabouts;
  onPresence: (here: Here[]) => void;
}

export class PageSubscriptions {
  /** Every message that comes to this page, whatever the topic. */
  readonly all = new Channel();
  private readonly listeners = new Set<Listener>();
  private readonly visits = new Set<Visit>();

  constructor(
    private readonly send: (message: ToHub) => void,
    /** The first listener came, or the last one went. */
    private readonly onUse: () => void = () => {},
  ) {}

  /** Whether the page listens to a topic at all. */
  get used(): boolean {
    return this.listeners.size > 0;
  }

  /** Listens to a topic after a cursor; without one, from now on. */
  listen(topic: Topic, since: string | null, channel: Channel): () => void {
    const listener: Listener = { topic, channel, eventCursor: since, healthCursor: since };
    this.listeners.add(listener);
    this.send({ kind: 'subscribe', topic, since });
    if (this.listeners.size === 1) this.onUse();
    return () => {
      this.listeners.delete(listener);
      if (!this.used) this.onUse();
      const key = topicKey(topic);
      for (const other of this.listeners) if (topicKey(other.topic) === key) return;
      this.send({ kind: 'unsubscribe', topic });
    };
  }

  /** Says that the person is at a place, until they leave it; calls back with who else is there. */
  enter(place: Whereabouts, onPresence: (here: Here[]) => void): () => void {
    const visit: Visit = { place, onPresence };
    this.visits.add(visit);
    this.sendPlaces();
    return () => {
      this.visits.delete(visit);
      this.sendPlaces();
    };
  }

  /** Subscribes again at a hub that knows nothing of it. */
  restore() {
    for (const { topic, eventCursor } of this.listeners) {
      this.send({ kind: 'subscribe', topic, since: eventCursor });
    }
    this.onVisible();
  }

  /** The person looks at this page now: its places come first. */
  onVisible() {
    if (this.visits.size > 0) this.sendPlaces();
  }

  receive(message: FromHub) {
    switch (message.kind) {
      case 'message':
        return this.onMessage(message.message, message.topics);
      case 'subscribed':
        return this.onSubscribed(message.topic, message.cursor, message.reset);
      case 'presence':
        return this.onPresence(message.presence);
      case 'error':
        return this.all.emit('error', message.error);
      case 'socket':
        // Without a connection nothing is known of who is there.
        if (message.connection !== 'live') for (const visit of this.visits) visit.onPresence([]);
    }
  }

  private onMessage({ type, cursor, data }: TopicMessage, topics: Topic[]) {
    const keys = new Set(topics.map(topicKey));
    const newest = type === 'vcluster:health' ? 'healthCursor' : 'eventCursor';
    for (const listener of this.listeners) {
      if (!keys.has(topicKey(listener.topic))) continue;
      // It came once more because another page subscribed from further back.
      if (cursor === listener[newest] || isAfter(listener[newest], cursor)) continue;
      listener[newest] = cursor;
      listener.channel.emit(type, data, cursor);
    }
    this.all.emit(type, data, cursor);
  }

  private onSubscribed(topic: Topic, cursor: string, reset: boolean) {
    for (const listener of this.listeners) {
      if (topicKey(listener.topic) !== topicKey(topic)) continue;
      if (!reset && listener.eventCursor !== null) continue;
      listener.eventCursor = cursor;
      listener.healthCursor = cursor;
      if (reset) listener.channel.emit('reset', cursor);
    }
  }

  private onPresence(presence: Presence) {
    const key = placeKey(presence);
    for (const { place, onPresence } of this.visits) {
      if (placeKey(place) === key) safely(() => onPresence(presence.here));
    }
    this.all.emit('presence', presence);
  }

  private sendPlaces() {
    this.send({ kind: 'places', places: [...this.visits].map(({ place }) => place).reverse() });
  }
}
