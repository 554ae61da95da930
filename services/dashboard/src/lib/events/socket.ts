// One WebSocket that is open as long as a topic or a place is wanted: subscribes, says where the
// person is, notices loss, and subscribes again from where each subscription was.
import type { Event } from '@/lib/api/types';
import { ConnectionTracker } from './connection-tracker';
import { isAfter, parseCursor } from './cursor';
import type {
  ConnectionState,
  Presence,
  SocketError,
  Topic,
  TopicMessage,
  Whereabouts,
} from './protocol';
import { idsOf, isAbout, placeKey, topicKey } from './topic';
import type { SocketLike, World } from './world';

/** A server that has not sent `connected` by then is given up. */
const CONNECTED_WITHIN_MS = 10_000;
/** How long it stays open with nothing wanted: the next page may want something. */
const LINGER_MS = 2_000;
/** Heartbeats without an answer after which the connection is lost. */
const MISSED_HEARTBEATS_MAX = 2;
/** How often a heartbeat is sent if the server does not say. */
const HEARTBEAT_SECS = 15;
/** Close codes after which a client must not come back unchanged. */
const REFUSALS = { from: 4200, to: 4299 };

const OPEN = 1;

export interface SocketListener {
  connection(state: ConnectionState): void;
  message(message: TopicMessage, topics: Topic[]): void;
  subscribed(topic: Topic, cursor: string, reset: boolean): void;
  presence(presence: Presence): void;
  error(error: SocketError): void;
  signedOut(): void;
}

interface Subscription {
  topic: Topic;
  /** Everything up to here has come; `null` until the server has said where it begins. */
  cursor: string | null;
  /** `subscribe` messages without an answer: until it comes, nothing moves the cursor. */
  unanswered: number;
}

interface Message {
  type: string;
  data?: unknown;
  cursor?: string;
}

export class Socket {
  readonly state: ConnectionTracker;
  private socket: SocketLike | undefined;
  private connected = false;
  private cancelTimer: (() => void) | undefined;
  private cancelLinger: (() => void) | undefined;
  private readonly subscriptions = new Map<string, Subscription>();
  private places = new Map<string, Whereabouts>();
  private missedHeartbeats = 0;
  private heartbeatSecs = HEARTBEAT_SECS;
  /** Tells this attempt from earlier ones while a session check is under way. */
  private attempt = 0;
  /** The newest event: a cluster's health that follows it has its cursor. */
  private latest: { cursor: string; event: Event } | undefined;

  constructor(
    private readonly world: World,
    private readonly listener: SocketListener,
  ) {
    this.state = new ConnectionTracker((state) => listener.connection(state));
  }

  subscribe(topic: Topic, since: string | null) {
    const key = topicKey(topic);
    const known = this.subscriptions.get(key);
    if (!known) {
      const subscription = { topic, cursor: since, unanswered: 0 };
      this.subscriptions.set(key, subscription);
      this.sendSubscribe(subscription);
      this.openOrClose();
      return;
    }
    if (since === null || isWithin(known.cursor, since)) return;
    known.cursor = since;
    this.sendSubscribe(known);
  }

  unsubscribe(topic: Topic) {
    if (!this.subscriptions.delete(topicKey(topic))) return;
    this.send(`unsubscribe:${topic.kind}`, { id: topic.id });
    this.openOrClose();
  }

  /** Where the person is now, instead of where they were. */
  setPlaces(places: Whereabouts[]) {
    const before = this.places;
    this.places = new Map(places.map((place) => [placeKey(place), place]));
    for (const [key, place] of before) {
      const { page: _, ...where } = place;
      if (!this.places.has(key)) this.send('presence:leave', where);
    }
    for (const [key, place] of this.places) {
      if (before.get(key)?.page !== place.page || !before.has(key)) this.sendEnter(place);
    }
    this.openOrClose();
  }

  /** Opens at once if it waits for its next attempt. */
  retry() {
    if (!this.socket && this.isWanted()) this.open();
  }

  stop() {
    this.subscriptions.clear();
    this.places.clear();
    this.close();
  }

  private isWanted() {
    return this.subscriptions.size > 0 || this.places.size > 0;
  }

  /** Opens when something is wanted, closes a while after nothing is. */
  private openOrClose() {
    if (!this.isWanted()) {
      this.cancelLinger ??= this.world.after(LINGER_MS, () => this.close());
      return;
    }
    this.cancelLinger?.();
    this.cancelLinger = undefined;
    if (!this.socket && !this.cancelTimer) {
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
    this.attempt += 1;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.connected = false;
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  private open() {
    this.drop();
    const socket = this.world.openSocket('/ws');
    this.socket = socket;
    socket.onmessage = (event) => this.onFrame(event.data);
    socket.onclose = (event) => this.onLost(event.code);
    this.cancelTimer = this.world.after(CONNECTED_WITHIN_MS, () => this.onLost());
  }

  /** Ends for good if the server refused or the session is over; else opens again after a while. */
  private onLost(code?: number) {
    this.drop();
    if (code !== undefined && code >= REFUSALS.from && code <= REFUSALS.to) {
      this.state.refused();
      return;
    }
    this.state.failed();
    const attempt = this.attempt;
    // There is no timer while the session is checked, but `openOrClose` must not open either.
    this.cancelTimer = () => {};
    void this.world.session().then((session) => {
      if (attempt !== this.attempt) return;
      if (session === 'over') {
        this.stop();
        this.listener.signedOut();
        return;
      }
      this.cancelTimer = this.world.after(this.state.wait(this.world.random()), () => this.open());
    });
  }

  private onFrame(text: unknown) {
    this.missedHeartbeats = 0;
    const message = parse(text);
    if (!message) return;
    const data = (message.data ?? {}) as Record<string, unknown>;
    switch (message.type) {
      case 'connected':
        return this.onConnected(Number(data.heartbeat_secs));
      case 'heartbeat':
        return this.advanceAll(String(data.cursor));
      case 'subscribed':
        return this.onSubscribed(data as unknown as Subscribed);
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
        return this.onMessage(message as TopicMessage);
      // A type of a later version must not end the others.
    }
  }

  private onConnected(heartbeatSecs: number) {
    this.connected = true;
    this.heartbeatSecs = heartbeatSecs > 0 ? heartbeatSecs : HEARTBEAT_SECS;
    for (const subscription of this.subscriptions.values()) {
      subscription.unanswered = 0;
      this.sendSubscribe(subscription);
    }
    for (const place of this.places.values()) this.sendEnter(place);
    this.state.live();
    this.cancelTimer?.();
    this.scheduleHeartbeat();
  }

  private scheduleHeartbeat() {
    this.cancelTimer = this.world.after(this.heartbeatSecs * 1_000, () => {
      if (this.missedHeartbeats >= MISSED_HEARTBEATS_MAX) return this.onLost();
      this.missedHeartbeats += 1;
      this.send('heartbeat');
      this.scheduleHeartbeat();
    });
  }

  private onSubscribed({ topic, id, cursor, reset }: Subscribed) {
    const subscription = this.subscriptions.get(topicKey({ kind: topic, id }));
    if (!subscription) return;
    subscription.unanswered = Math.max(0, subscription.unanswered - 1);
    if (subscription.cursor === null || reset) subscription.cursor = cursor;
    this.listener.subscribed(subscription.topic, cursor, Boolean(reset));
  }

  private onReset(cursor: string) {
    for (const subscription of this.subscriptions.values()) {
      subscription.cursor = cursor;
      this.listener.subscribed(subscription.topic, cursor, true);
    }
  }

  private onMessage(message: TopicMessage) {
    if (message.type !== 'vcluster:health') {
      this.latest = { cursor: message.cursor, event: message.data };
    }
    const cause = this.latest?.cursor === message.cursor ? this.latest.event : undefined;
    const ids = idsOf(message, cause);
    const topics: Topic[] = [];
    for (const subscription of this.subscriptions.values()) {
      if (!isAbout(ids, subscription.topic)) continue;
      topics.push(subscription.topic);
      advance(subscription, message.cursor);
    }
    this.listener.message(message, topics);
  }

  /** The server has sent everything up to here. */
  private advanceAll(cursor: string) {
    for (const subscription of this.subscriptions.values()) advance(subscription, cursor);
  }

  private sendSubscribe(subscription: Subscription) {
    if (!this.connected) return;
    subscription.unanswered += 1;
    const { topic, cursor } = subscription;
    this.send(
      `subscribe:${topic.kind}`,
      cursor ? { id: topic.id, since: cursor } : { id: topic.id },
    );
  }

  private sendEnter(place: Whereabouts) {
    this.send('presence:enter', place);
  }

  private send(type: string, data?: object) {
    if (!this.connected || this.socket?.readyState !== OPEN) return;
    this.socket.send(JSON.stringify(data ? { type, data } : { type }));
  }
}

/** `data` of `subscribed`. */
interface Subscribed {
  topic: Topic['kind'];
  id: string;
  cursor: string;
  reset?: string | null;
}

/** Only forwards: another subscription's earlier messages may come between. */
function advance(subscription: Subscription, cursor: string) {
  const { unanswered, cursor: reached } = subscription;
  if (unanswered === 0 && !isWithin(cursor, reached ?? '')) subscription.cursor = cursor;
}

/** Whether a subscription at `cursor` still gets everything after `since`. */
function isWithin(cursor: string | null, since: string): boolean {
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
