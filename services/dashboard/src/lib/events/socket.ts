// One WebSocket that is open as long as a room or a place is wanted: subscribes, says where the
// person is, notices loss, and subscribes again from where each room was.
import type { Event } from '@/lib/api/types';
import { isAfter, parseCursor } from './cursor';
import type { Connection, Presence, Room, SocketError, Told, Whereabouts } from './protocol';
import { idsOf, isIn, keyOf, placeOf } from './room';
import { State } from './state';
import type { Wire, World } from './world';

/** One that has not said `connected` by then is not one. */
const CONNECTED_WITHIN_MS = 10_000;
/** How long it stays open with nothing wanted: the next page may want something. */
const LINGER_MS = 2_000;
/** Beats of the heart without a word from the server after which it is lost. */
const SILENT_BEATS = 2;
/** How often the heart beats if the server does not say. */
const BEAT_SECS = 15;
/** Close codes that say: not again without a change. */
const REFUSALS = { from: 4200, to: 4299 };

const OPEN = 1;

export interface SocketListener {
  connection(connection: Connection, reconnects: number): void;
  told(told: Told, rooms: Room[]): void;
  subscribed(room: Room, cursor: string, reset: boolean): void;
  presence(presence: Presence): void;
  error(error: SocketError): void;
  signedOut(): void;
}

interface Held {
  room: Room;
  /** Everything after this is still to be told; `null` until the server has said where it begins. */
  cursor: string | null;
  /** Subscriptions that have not been answered: until then nothing says how far it is. */
  unanswered: number;
}

interface Message {
  type: string;
  data?: unknown;
  cursor?: string;
}

export class Socket {
  readonly state: State;
  private wire: Wire | undefined;
  private connected = false;
  private cancelTimer: (() => void) | undefined;
  private cancelLinger: (() => void) | undefined;
  private readonly rooms = new Map<string, Held>();
  private places = new Map<string, Whereabouts>();
  private silentBeats = 0;
  private beatSecs = BEAT_SECS;
  /** Distinguishes this attempt from earlier ones while a session check is under way. */
  private run = 0;
  /** The newest event: what is said of a cluster's health right after it belongs to it. */
  private latest: { cursor: string; event: Event } | undefined;

  constructor(
    private readonly world: World,
    private readonly listener: SocketListener,
  ) {
    this.state = new State((...now) => listener.connection(...now));
  }

  subscribe(room: Room, since: string | null) {
    const key = keyOf(room);
    const held = this.rooms.get(key);
    if (!held) {
      const fresh = { room, cursor: since, unanswered: 0 };
      this.rooms.set(key, fresh);
      this.ask(fresh);
      this.want();
      return;
    }
    if (since === null || reaches(held.cursor, since)) return;
    held.cursor = since;
    this.ask(held);
  }

  unsubscribe(room: Room) {
    if (!this.rooms.delete(keyOf(room))) return;
    this.say(`unsubscribe:${room.topic}`, { id: room.id });
    this.want();
  }

  /** Where the person is, in the place of what was said before. */
  here(places: Whereabouts[]) {
    const before = this.places;
    this.places = new Map(places.map((place) => [placeOf(place), place]));
    for (const [key, place] of before) {
      const { page: _, ...where } = place;
      if (!this.places.has(key)) this.say('presence:leave', where);
    }
    for (const [key, place] of this.places) {
      if (before.get(key)?.page !== place.page || !before.has(key)) this.enter(place);
    }
    this.want();
  }

  /** Opens at once if it waits for its next attempt. */
  retry() {
    if (!this.wire && this.isWanted()) this.open();
  }

  stop() {
    this.rooms.clear();
    this.places.clear();
    this.close();
  }

  private isWanted() {
    return this.rooms.size > 0 || this.places.size > 0;
  }

  /** Opens when something is wanted, closes a while after nothing is. */
  private want() {
    if (!this.isWanted()) {
      this.cancelLinger ??= this.world.after(LINGER_MS, () => this.close());
      return;
    }
    this.cancelLinger?.();
    this.cancelLinger = undefined;
    if (!this.wire && !this.cancelTimer) {
      this.state.begin();
      this.open();
    }
  }

  private close() {
    this.cancelLinger?.();
    this.cancelLinger = undefined;
    this.drop();
    this.state.begin();
  }

  private drop() {
    this.run += 1;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.connected = false;
    const wire = this.wire;
    this.wire = undefined;
    if (!wire) return;
    wire.onmessage = null;
    wire.onclose = null;
    wire.close();
  }

  private open() {
    this.drop();
    const wire = this.world.dial('/ws');
    this.wire = wire;
    wire.onmessage = (event) => this.hear(event.data);
    wire.onclose = (event) => this.lost(event.code);
    this.cancelTimer = this.world.after(CONNECTED_WITHIN_MS, () => this.lost());
  }

  /** Was it refused, is it the session? If not, again after a while. */
  private lost(code?: number) {
    this.drop();
    if (code !== undefined && code >= REFUSALS.from && code <= REFUSALS.to) {
      this.state.givenUp();
      return;
    }
    this.state.failed();
    // What calls off a check under way is another attempt.
    const run = this.run;
    this.cancelTimer = () => {};
    void this.world.session().then((session) => {
      if (run !== this.run) return;
      if (session === 'over') {
        this.stop();
        this.listener.signedOut();
        return;
      }
      this.cancelTimer = this.world.after(this.state.wait(this.world.random()), () => this.open());
    });
  }

  private hear(text: unknown) {
    this.silentBeats = 0;
    const message = parse(text);
    if (!message) return;
    const data = (message.data ?? {}) as Record<string, unknown>;
    switch (message.type) {
      case 'connected':
        return this.onConnected(Number(data.heartbeat_secs));
      case 'heartbeat':
        return this.pass(String(data.cursor));
      case 'subscribed':
        return this.onSubscribed(data as { topic: Room['topic']; id: string; cursor: string });
      case 'reset':
        return this.onReset(String(data.cursor));
      case 'presence':
        return this.listener.presence(message.data as Presence);
      case 'error':
        return this.listener.error(message.data as SocketError);
      case 'workspace:status':
      case 'task:progress':
      case 'event':
      case 'vcluster:health':
        return this.onTold(message as Told);
      // A type of a later version must not end the others.
    }
  }

  private onConnected(beatSecs: number) {
    this.connected = true;
    this.beatSecs = beatSecs > 0 ? beatSecs : BEAT_SECS;
    for (const held of this.rooms.values()) {
      held.unanswered = 0;
      this.ask(held);
    }
    for (const place of this.places.values()) this.enter(place);
    this.state.live();
    this.cancelTimer?.();
    this.beatLater();
  }

  private beatLater() {
    this.cancelTimer = this.world.after(this.beatSecs * 1_000, () => {
      if (this.silentBeats >= SILENT_BEATS) return this.lost();
      this.silentBeats += 1;
      this.say('heartbeat');
      this.beatLater();
    });
  }

  private onSubscribed(data: {
    topic: Room['topic'];
    id: string;
    cursor: string;
    reset?: string | null;
  }) {
    const { topic, id, cursor, reset } = data;
    const held = this.rooms.get(keyOf({ topic, id }));
    if (!held) return;
    held.unanswered = Math.max(0, held.unanswered - 1);
    if (held.cursor === null || reset) held.cursor = cursor;
    this.listener.subscribed(held.room, cursor, Boolean(reset));
  }

  private onReset(cursor: string) {
    for (const held of this.rooms.values()) {
      held.cursor = cursor;
      this.listener.subscribed(held.room, cursor, true);
    }
  }

  private onTold(told: Told) {
    if (told.type !== 'vcluster:health') this.latest = { cursor: told.cursor, event: told.data };
    const before = this.latest?.cursor === told.cursor ? this.latest.event : undefined;
    const ids = idsOf(told, before);
    const rooms: Room[] = [];
    for (const held of this.rooms.values()) {
      if (!isIn(held.room, ids)) continue;
      rooms.push(held.room);
      advance(held, told.cursor);
    }
    this.listener.told(told, rooms);
  }

  /** Everything up to here has been told. */
  private pass(cursor: string) {
    for (const held of this.rooms.values()) advance(held, cursor);
  }

  private ask(held: Held) {
    if (!this.connected) return;
    held.unanswered += 1;
    const { topic, id } = held.room;
    this.say(`subscribe:${topic}`, held.cursor ? { id, since: held.cursor } : { id });
  }

  private enter(place: Whereabouts) {
    this.say('presence:enter', place);
  }

  private say(type: string, data?: object) {
    if (!this.connected || this.wire?.readyState !== OPEN) return;
    this.wire.send(JSON.stringify(data ? { type, data } : { type }));
  }
}

/** Another room's earlier events may come between: a room never goes back by what it is told. */
function advance(held: Held, cursor: string) {
  if (held.unanswered === 0 && !reaches(cursor, held.cursor ?? '')) held.cursor = cursor;
}

/** Whether everything after `since` is still to be told to a room at `cursor`. */
function reaches(cursor: string | null, since: string): boolean {
  const [at, from] = [parseCursor(cursor), parseCursor(since)];
  return Boolean(at && from && at.incarnation === from.incarnation && !isAfter(cursor, since));
}

function parse(text: unknown): Message | undefined {
  try {
    const parsed: Partial<Message> | null = JSON.parse(String(text));
    return typeof parsed?.type === 'string' ? (parsed as Message) : undefined;
  } catch {
    return undefined;
  }
}
