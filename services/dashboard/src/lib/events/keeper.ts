// Keeps one event stream and one WebSocket for any number of pages: the same code runs in the
// SharedWorker and, where there is none, inside the page. Remembers recent events for pages that
// join later.
import { isAfter, parseCursor } from './cursor';
import { Lobby } from './lobby';
import type { Connection, Order, Signal } from './protocol';
import { Stream } from './stream';
import type { World } from './world';

/** Events kept for pages that join; whoever needs an older one lists again. */
export const RECENT_MAX = 1_000;

export interface Page {
  send(signal: Signal): void;
}

export class Keeper {
  private readonly pages = new Set<Page>();
  private readonly stream: Stream;
  private readonly lobby: Lobby<Page>;
  private user: string | undefined;
  private recent: Extract<Signal, { kind: 'event' }>[] = [];
  /** Everything after this place is in `recent`. */
  private floor: string | null = null;

  constructor(world: World) {
    this.stream = new Stream(world, {
      connection: (...now) => this.tell(connectionIs(...now)),
      event: (cursor, event) => {
        const signal = { kind: 'event', cursor, event } as const;
        this.remember(signal);
        this.tell(signal);
      },
      reset: (cursor) => {
        this.forget(cursor);
        this.tell({ kind: 'reset', cursor });
      },
      signedOut: () => this.end(),
    });
    this.lobby = new Lobby(world, () => this.end());
  }

  receive(page: Page, order: Order) {
    switch (order.kind) {
      case 'join':
        return this.join(page, order.user, order.since);
      case 'leave':
        return this.leave(page);
      case 'life':
        return whenOver(order.lock, () => this.leave(page));
      case 'log_out':
        return this.end(page);
      case 'retry':
        this.lobby.retry();
        return this.stream.retry();
      default:
        // A page that has been sent away still says what it wants.
        if (this.pages.has(page)) this.lobby.receive(page, order);
    }
  }

  private join(page: Page, user: string, since: string | null) {
    if (this.user !== user) {
      // Somebody else has logged in in this browser: the others' pages are no longer theirs.
      if (this.user !== undefined) this.end(page);
      this.user = user;
    }
    const first = this.pages.size === 0;
    this.pages.add(page);
    if (first) {
      this.forget(since);
      this.stream.start(since);
    }
    const { connection, reconnects } = this.stream.state;
    page.send(connectionIs(connection, reconnects));
    this.lobby.join(page);
    if (!first) this.replay(page, since);
  }

  /** What the stream has already passed and this page has not seen. */
  private replay(page: Page, since: string | null) {
    const [from, floor] = [parseCursor(since), parseCursor(this.floor)];
    const reaches =
      from && floor && from.incarnation === floor.incarnation && from.position >= floor.position;
    if (!reaches) {
      page.send({ kind: 'reset', cursor: this.newest() });
      return;
    }
    for (const signal of this.recent) {
      if (isAfter(signal.cursor, since)) page.send(signal);
    }
  }

  private newest(): string | null {
    return this.recent.at(-1)?.cursor ?? this.floor;
  }

  private leave(page: Page) {
    this.pages.delete(page);
    this.lobby.leave(page);
    if (this.pages.size === 0) {
      this.stream.stop();
      this.forget(null);
    }
  }

  /** The session is over; `except` knows already. */
  private end(except?: Page) {
    this.stream.stop();
    this.lobby.stop();
    this.forget(null);
    this.user = undefined;
    const pages = [...this.pages];
    this.pages.clear();
    for (const page of pages) {
      if (page !== except) page.send({ kind: 'signed_out' });
    }
  }

  private tell(signal: Signal) {
    for (const page of this.pages) page.send(signal);
  }

  private remember(signal: Extract<Signal, { kind: 'event' }>) {
    this.recent.push(signal);
    if (this.recent.length > RECENT_MAX) this.floor = this.recent.shift()?.cursor ?? null;
  }

  private forget(floor: string | null) {
    this.recent = [];
    this.floor = floor;
  }
}

/** A page that crashed or was discarded has said nothing; its lock is free then. */
function whenOver(lock: string, act: () => void) {
  navigator.locks?.request(lock, act).catch(() => undefined);
}

const connectionIs = (connection: Connection, reconnects: number): Signal => ({
  kind: 'connection',
  connection,
  reconnects,
});
