// This page's end of the WebSocket: who on the page listens to which room, and what each has heard.
import { isAfter } from './cursor';
import type {
  Here,
  Order,
  Presence,
  Room,
  Signal,
  SocketError,
  Told,
  Whereabouts,
} from './protocol';
import { keyOf, placeOf } from './room';
import { safely } from './safely';

type Handlers = {
  [Type in Told['type']]: (data: Extract<Told, { type: Type }>['data'], cursor: string) => void;
} & {
  /** What came before cannot be had: read again. */
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

  emit(type: SocketType, ...heard: unknown[]) {
    for (const handler of this.handlers.get(type) ?? []) {
      safely(() => (handler as (...all: unknown[]) => void)(...heard));
    }
  }
}

interface Listener {
  room: Room;
  channel: Channel;
  /** The newest that was heard; of a cluster's health, which has its event's cursor, apart. */
  heard: string | null;
  healthHeard: string | null;
}

interface Stay {
  place: Whereabouts;
  onPresence: (here: Here[]) => void;
}

export class Rooms {
  /** Everything this page is told, whatever the room. */
  readonly all = new Channel();
  private readonly listeners = new Set<Listener>();
  private readonly stays = new Set<Stay>();

  constructor(
    private readonly send: (order: Order) => void,
    /** The first listener came, or the last one went. */
    private readonly onUse: () => void = () => {},
  ) {}

  /** Whether the page listens to a room at all. */
  get used(): boolean {
    return this.listeners.size > 0;
  }

  /** Listens to a room after a place in the log; without one, from now on. */
  listen(room: Room, since: string | null, channel: Channel): () => void {
    const listener: Listener = { room, channel, heard: since, healthHeard: since };
    this.listeners.add(listener);
    this.send({ kind: 'subscribe', room, since });
    if (this.listeners.size === 1) this.onUse();
    return () => {
      this.listeners.delete(listener);
      if (!this.used) this.onUse();
      const key = keyOf(room);
      for (const other of this.listeners) if (keyOf(other.room) === key) return;
      this.send({ kind: 'unsubscribe', room });
    };
  }

  /** The person is at a place until they are not; tells who else is. */
  stay(place: Whereabouts, onPresence: (here: Here[]) => void): () => void {
    const stay: Stay = { place, onPresence };
    this.stays.add(stay);
    this.sayWhere();
    return () => {
      this.stays.delete(stay);
      this.sayWhere();
    };
  }

  /** Says again what is wanted: to a keeper that knows nothing of it. */
  again() {
    for (const { room, heard } of this.listeners) {
      this.send({ kind: 'subscribe', room, since: heard });
    }
    if (this.stays.size > 0) this.sayWhere();
  }

  /** The person looks at this page now. */
  look() {
    if (this.stays.size > 0) this.sayWhere();
  }

  hear(signal: Signal) {
    switch (signal.kind) {
      case 'told':
        return this.onTold(signal.told, signal.rooms);
      case 'subscribed':
        return this.onSubscribed(signal.room, signal.cursor, signal.reset);
      case 'presence':
        return this.onPresence(signal.presence);
      case 'error':
        return this.all.emit('error', signal.error);
      case 'socket':
        // Who is there is not known while nobody says it.
        if (signal.connection !== 'live') for (const stay of this.stays) stay.onPresence([]);
    }
  }

  private onTold(told: Told, rooms: Room[]) {
    const keys = new Set(rooms.map(keyOf));
    const place = told.type === 'vcluster:health' ? 'healthHeard' : 'heard';
    for (const listener of this.listeners) {
      if (!keys.has(keyOf(listener.room))) continue;
      // Told once more for the sake of another page.
      if (told.cursor === listener[place] || isAfter(listener[place], told.cursor)) continue;
      listener[place] = told.cursor;
      listener.channel.emit(told.type, told.data, told.cursor);
    }
    this.all.emit(told.type, told.data, told.cursor);
  }

  private onSubscribed(room: Room, cursor: string, reset: boolean) {
    for (const listener of this.listeners) {
      if (keyOf(listener.room) !== keyOf(room)) continue;
      if (!reset && listener.heard !== null) continue;
      listener.heard = cursor;
      listener.healthHeard = cursor;
      if (reset) listener.channel.emit('reset', cursor);
    }
  }

  private onPresence(presence: Presence) {
    const key = placeOf(presence);
    for (const { place, onPresence } of this.stays) {
      if (placeOf(place) === key) safely(() => onPresence(presence.here));
    }
    this.all.emit('presence', presence);
  }

  private sayWhere() {
    this.send({ kind: 'here', places: [...this.stays].map(({ place }) => place).reverse() });
  }
}
