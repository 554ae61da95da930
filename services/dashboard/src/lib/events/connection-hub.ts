// One event stream and one WebSocket for any number of pages: the same code runs in the SharedWorker
// and, where there is none, inside the page. Keeps recent events for pages that join later.
import { isAfter, parseCursor } from './cursor';
import type { FromHub, ToHub } from './protocol';
import { Stream } from './stream';
import { Subscriptions } from './subscriptions';
import type { World } from './world';

/** Events kept for pages that join; a page that needs an older one reads its lists again. */
export const RECENT_MAX = 1_000;

/** A page as the hub knows it: where to send what it is to know. */
export interface Page {
  send(message: FromHub): void;
}

type EventMessage = Extract<FromHub, { kind: 'event' }>;

export class ConnectionHub {
  private readonly pages = new Set<Page>();
  private readonly stream: Stream;
  private readonly subscriptions: Subscriptions<Page>;
  private user: string | undefined;
  private recent: EventMessage[] = [];
  /** Everything after this cursor is in `recent`. */
  private floor: string | null = null;

  constructor(world: World) {
    this.stream = new Stream(world, {
      connection: (state) => this.broadcast({ kind: 'stream', ...state }),
      event: (cursor, event) => {
        const message = { kind: 'event', cursor, event } as const;
        this.remember(message);
        this.broadcast(message);
      },
      reset: (cursor) => {
        this.forget(cursor);
        this.broadcast({ kind: 'reset', cursor });
      },
      signedOut: () => this.signOut(),
    });
    this.subscriptions = new Subscriptions(world, () => this.signOut());
  }

  receive(page: Page, message: ToHub) {
    switch (message.kind) {
      case 'join':
        return this.join(page, message.user, message.since);
      case 'leave':
        return this.leave(page);
      case 'lock':
        return onRelease(message.name, () => this.leave(page));
      case 'log_out':
        return this.signOut(page);
      case 'retry':
        this.subscriptions.retry();
        return this.stream.retry();
      default:
        // A page that was signed out still asks for its topics.
        if (this.pages.has(page)) this.subscriptions.receive(page, message);
    }
  }

  private join(page: Page, user: string, since: string | null) {
    if (this.user !== user) {
      // Somebody else has logged in in this browser: the pages of the one before are over.
      if (this.user !== undefined) this.signOut(page);
      this.user = user;
    }
    const first = this.pages.size === 0;
    this.pages.add(page);
    if (first) {
      this.forget(since);
      this.stream.start(since);
    }
    const { connection, reconnects } = this.stream.state;
    page.send({ kind: 'stream', connection, reconnects });
    this.subscriptions.join(page);
    if (!first) this.replay(page, since);
  }

  /** What the stream has already passed and this page has not got. */
  private replay(page: Page, since: string | null) {
    const [from, floor] = [parseCursor(since), parseCursor(this.floor)];
    const reaches =
      from && floor && from.incarnation === floor.incarnation && from.position >= floor.position;
    if (!reaches) {
      page.send({ kind: 'reset', cursor: this.recent.at(-1)?.cursor ?? this.floor });
      return;
    }
    for (const message of this.recent) {
      if (isAfter(message.cursor, since)) page.send(message);
    }
  }

  private leave(page: Page) {
    this.pages.delete(page);
    this.subscriptions.leave(page);
    if (this.pages.size === 0) {
      this.stream.stop();
      this.forget(null);
    }
  }

  /** The session is over; `except` knows already. */
  private signOut(except?: Page) {
    this.stream.stop();
    this.subscriptions.stop();
    this.forget(null);
    this.user = undefined;
    const pages = [...this.pages];
    this.pages.clear();
    for (const page of pages) {
      if (page !== except) page.send({ kind: 'signed_out' });
    }
  }

  private broadcast(message: FromHub) {
    for (const page of this.pages) page.send(message);
  }

  private remember(message: EventMessage) {
    this.recent.push(message);
    if (this.recent.length > RECENT_MAX) this.floor = this.recent.shift()?.cursor ?? null;
  }

  private forget(floor: string | null) {
    this.recent = [];
    this.floor = floor;
  }
}

/** A page that crashed or was discarded has sent nothing; its lock is free then. */
function onRelease(lock: string, act: () => void) {
  navigator.locks?.request(lock, act).catch(() => undefined);
}
