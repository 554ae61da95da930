// This page's end of its connections: through the SharedWorker that all pages of the browser share,
// or, where there is none, connections of its own that are closed while the page is hidden.
import type { Event } from '@/lib/api/types';
import { Keeper } from './keeper';
import type { Connection, Order, Signal } from './protocol';
import { Rooms } from './rooms';
import { safely } from './safely';
import { browser } from './world';

export interface FeedState {
  connection: Connection;
  /** How often it came back after it had been lost. */
  reconnects: number;
}

export interface FeedListener {
  event(event: Event, cursor: string): void;
  /** What came between cannot be had: list again. */
  reset(): void;
  signedOut(): void;
}

/** The best first. */
const ORDER: Connection[] = ['live', 'connecting', 'reconnecting', 'offline'];

const worse = (one: Connection, other: Connection): Connection =>
  ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one;

const UNHEARD: FeedState = { connection: 'connecting', reconnects: 0 };

export class Feed {
  /** Of the event stream. */
  stream: FeedState = UNHEARD;
  /** Of the WebSocket; it is open only as long as something is wanted of it. */
  socket: FeedState = UNHEARD;
  readonly rooms = new Rooms(
    (order) => this.send?.(order),
    () => this.changed(),
  );
  private readonly watchers = new Set<() => void>();
  private send: ((order: Order) => void) | undefined;
  private shared = false;
  private cursor: string | null = null;

  constructor(
    private readonly user: string,
    private readonly listener: FeedListener,
  ) {}

  /** How much of what the page uses is live: no better than the worse of the two. */
  get connection(): Connection {
    const { connection } = this.stream;
    return this.rooms.used ? worse(connection, this.socket.connection) : connection;
  }

  /** Calls back when a state has changed; returns what ends it. */
  watch = (onChange: () => void): (() => void) => {
    this.watchers.add(onChange);
    return () => this.watchers.delete(onChange);
  };

  /** Hears what happens after the place in the log where the page's list was read. */
  start(since: string | null) {
    this.close();
    this.cursor = since;
    const send = this.throughWorker();
    this.shared = send !== undefined;
    this.send = send ?? this.inPage();
    document.addEventListener('visibilitychange', this.onVisibility);
    window.addEventListener('pagehide', this.onHide);
    window.addEventListener('pageshow', this.onShow);
    window.addEventListener('online', this.retry);
    if (this.shared || !document.hidden) this.join();
  }

  close() {
    this.send?.({ kind: 'leave' });
    this.send = undefined;
    document.removeEventListener('visibilitychange', this.onVisibility);
    window.removeEventListener('pagehide', this.onHide);
    window.removeEventListener('pageshow', this.onShow);
    window.removeEventListener('online', this.retry);
  }

  /** Does not wait for the next attempt. */
  retry = () => this.send?.({ kind: 'retry' });

  /** The person has logged out here: every page of this browser shall know. */
  logOut() {
    this.send?.({ kind: 'log_out' });
  }

  private join() {
    this.send?.({ kind: 'join', user: this.user, since: this.cursor });
    this.rooms.again();
  }

  private hear(signal: Signal) {
    switch (signal.kind) {
      case 'connection':
        this.stream = { connection: signal.connection, reconnects: signal.reconnects };
        return this.changed();
      case 'socket':
        this.socket = { connection: signal.connection, reconnects: signal.reconnects };
        this.rooms.hear(signal);
        return this.changed();
      case 'event':
        this.cursor = signal.cursor || this.cursor;
        return safely(() => this.listener.event(signal.event, signal.cursor));
      case 'reset':
        this.cursor = signal.cursor || this.cursor;
        return safely(() => this.listener.reset());
      case 'signed_out':
        return this.listener.signedOut();
      default:
        this.rooms.hear(signal);
    }
  }

  private changed() {
    for (const watcher of this.watchers) watcher();
  }

  /** Talks to the SharedWorker; `undefined` where there is none. */
  private throughWorker(): ((order: Order) => void) | undefined {
    if (typeof SharedWorker === 'undefined') return undefined;
    try {
      const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
        type: 'module',
        name: 'labyard-events',
      });
      const send = (order: Order) => worker.port.postMessage(order);
      worker.port.onmessage = (message: MessageEvent<Signal>) => {
        if (this.send === send) this.hear(message.data);
      };
      worker.onerror = () => {
        // The worker's file could not be loaded or run.
        if (this.send !== send) return;
        this.shared = false;
        this.send = this.inPage();
        if (!document.hidden) this.join();
      };
      tellLife(send);
      return send;
    } catch {
      return undefined;
    }
  }

  private inPage(): (order: Order) => void {
    const keeper = new Keeper(browser);
    const send = (order: Order) => keeper.receive(page, order);
    const page = {
      send: (signal: Signal) => {
        if (this.send === send) this.hear(signal);
      },
    };
    return send;
  }

  private onVisibility = () => {
    if (this.shared) {
      if (!document.hidden) this.rooms.look();
    } else if (document.hidden) this.onHide();
    else this.join();
  };

  private onHide = () => this.send?.({ kind: 'leave' });

  /** A page that comes back from the browser's cache has missed what happened meanwhile. */
  private onShow = (event: PageTransitionEvent) => event.persisted && this.join();
}

/** Holds a lock for as long as the page lives, and tells its name once it is held. */
function tellLife(send: (order: Order) => void) {
  // Pages that are not secure have no locks.
  if (!navigator.locks) return;
  const lock = `labyard-page-${crypto.randomUUID()}`;
  const held = () => {
    send({ kind: 'life', lock });
    return new Promise<never>(() => {});
  };
  navigator.locks.request(lock, held).catch(() => undefined);
}
