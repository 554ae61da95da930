// This page's end of the connections: through the SharedWorker that all pages of the browser share,
// or, where there is none, through a hub of its own that is closed while the page is hidden.
import type { Event } from '@/lib/api/types';
import { ConnectionHub } from './connection-hub';
import { PageSubscriptions } from './page-subscriptions';
import type { ConnectionState, ConnectionStatus, FromHub, ToHub } from './protocol';
import { safely } from './safely';
import { browser } from './world';

export interface PageListener {
  event(event: Event, cursor: string): void;
  /** Events are lost: read the lists again. */
  reset(): void;
  signedOut(): void;
}

const BEST_FIRST: ConnectionStatus[] = ['live', 'connecting', 'reconnecting', 'offline'];

const worse = (one: ConnectionStatus, other: ConnectionStatus): ConnectionStatus =>
  BEST_FIRST.indexOf(other) > BEST_FIRST.indexOf(one) ? other : one;

const NOTHING_YET: ConnectionState = { connection: 'connecting', reconnects: 0 };

export class PageConnection {
  /** Of the event stream. */
  stream: ConnectionState = NOTHING_YET;
  /** Of the WebSocket; it is open only as long as something is wanted of it. */
  socket: ConnectionState = NOTHING_YET;
  readonly subscriptions = new PageSubscriptions(
    (message) => this.send?.(message),
    () => this.notify(),
  );
  private readonly watchers = new Set<() => void>();
  private send: ((message: ToHub) => void) | undefined;
  private shared = false;
  private cursor: string | null = null;

  constructor(
    private readonly user: string,
    private readonly listener: PageListener,
  ) {}

  /** How much of what the page uses is live: no better than the worse of the two. */
  get connection(): ConnectionStatus {
    const { connection } = this.stream;
    return this.subscriptions.used ? worse(connection, this.socket.connection) : connection;
  }

  /** Calls back when a state has changed; returns what ends it. */
  watch = (onChange: () => void): (() => void) => {
    this.watchers.add(onChange);
    return () => this.watchers.delete(onChange);
  };

  /** Receives the events after the cursor at which the page's list was read. */
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

  /** Connects now instead of at the next attempt. */
  retry = () => this.send?.({ kind: 'retry' });

  /** The person has logged out here: signs every page of this browser out. */
  logOut() {
    this.send?.({ kind: 'log_out' });
  }

  private join() {
    this.send?.({ kind: 'join', user: this.user, since: this.cursor });
    this.subscriptions.restore();
  }

  private receive(message: FromHub) {
    switch (message.kind) {
      case 'stream':
        this.stream = { connection: message.connection, reconnects: message.reconnects };
        return this.notify();
      case 'socket':
        this.socket = { connection: message.connection, reconnects: message.reconnects };
        this.subscriptions.receive(message);
        return this.notify();
      case 'event':
        this.cursor = message.cursor || this.cursor;
        return safely(() => this.listener.event(message.event, message.cursor));
      case 'reset':
        this.cursor = message.cursor || this.cursor;
        return safely(() => this.listener.reset());
      case 'signed_out':
        return this.listener.signedOut();
      default:
        this.subscriptions.receive(message);
    }
  }

  private notify() {
    for (const watcher of this.watchers) watcher();
  }

  /** How to send to the SharedWorker; `undefined` where there is none. */
  private throughWorker(): ((message: ToHub) => void) | undefined {
    if (typeof SharedWorker === 'undefined') return undefined;
    try {
      const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
        type: 'module',
        name: 'labyard-events',
      });
      const send = (message: ToHub) => worker.port.postMessage(message);
      worker.port.onmessage = (event: MessageEvent<FromHub>) => {
        if (this.send === send) this.receive(event.data);
      };
      worker.onerror = () => {
        // The worker's file could not be loaded or run.
        if (this.send !== send) return;
        this.shared = false;
        this.send = this.inPage();
        if (!document.hidden) this.join();
      };
      holdLock(send);
      return send;
    } catch {
      return undefined;
    }
  }

  private inPage(): (message: ToHub) => void {
    const hub = new ConnectionHub(browser);
    const send = (message: ToHub) => hub.receive(page, message);
    const page = {
      send: (message: FromHub) => {
        if (this.send === send) this.receive(message);
      },
    };
    return send;
  }

  private onVisibility = () => {
    if (this.shared) {
      if (!document.hidden) this.subscriptions.onVisible();
    } else if (document.hidden) this.onHide();
    else this.join();
  };

  private onHide = () => this.send?.({ kind: 'leave' });

  /** A page that comes back from the browser's cache has missed what happened meanwhile. */
  private onShow = (event: PageTransitionEvent) => event.persisted && this.join();
}

/** Holds a Web Lock as long as the page lives, and sends its name once it is held. */
function holdLock(send: (message: ToHub) => void) {
  // Pages that are not secure have no locks.
  if (!navigator.locks) return;
  const name = `labyard-page-${crypto.randomUUID()}`;
  const held = () => {
    send({ kind: 'lock', name });
    return new Promise<never>(() => {});
  };
  navigator.locks.request(name, held).catch(() => undefined);
}
