// One EventSource that stays open: opens, listens, notices loss, checks the session, opens again.
// Knows nothing of pages or clusters; time, randomness and the network are passed in.
import type { Event } from '@/lib/api/types';
import { backoffMs } from './backoff';
import type { Connection } from './protocol';

/** Failures in a row after which `reconnecting` is called `offline`. */
const OFFLINE_AFTER_FAILURES = 3;
/** A connection that has not said `ready` by then is not one. */
const READY_WITHIN_MS = 10_000;

const CLOSED = 2;

export interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface World {
  open(url: string): Source;
  /** Asks whether the session still holds. */
  session(): Promise<'holds' | 'over' | 'unknown'>;
  /** Calls back once after a while; returns what calls it off. */
  after(ms: number, action: () => void): () => void;
  random(): number;
}

export interface Listener {
  connection(connection: Connection): void;
  event(cursor: string, event: Event): void;
  reset(cursor: string | null): void;
  signedOut(): void;
}

export class Stream {
  private source: Source | undefined;
  private cancelTimer: (() => void) | undefined;
  private failures = 0;
  private stopped = true;
  /** Distinguishes this start from earlier ones while a session check is under way. */
  private run = 0;
  private last: Connection = 'connecting';

  constructor(
    private readonly world: World,
    private readonly listener: Listener,
    private cursor: string | null = null,
  ) {}

  get connection(): Connection {
    return this.last;
  }

  start(since: string | null) {
    this.stop();
    this.stopped = false;
    this.failures = 0;
    this.cursor = since;
    this.say('connecting');
    this.open();
  }

  stop() {
    this.stopped = true;
    this.run += 1;
    this.drop();
  }

  /** Opens at once if it waits for its next attempt. */
  retry() {
    if (this.stopped || this.source) return;
    this.drop();
    this.open();
  }

  private drop() {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.source?.close();
    this.source = undefined;
  }

  private open() {
    const query = this.cursor ? `?since=${encodeURIComponent(this.cursor)}` : '';
    const source = this.world.open(`/api/v1/events${query}`);
    this.source = source;
    const mine = (handle: (event: MessageEvent<string>) => void) => {
      return (event: MessageEvent<string>) => {
        if (this.source === source) handle(event);
      };
    };
    source.addEventListener(
      'ready',
      mine((event) => this.onReady(event)),
    );
    source.addEventListener(
      'message',
      mine((event) => this.onMessage(event)),
    );
    source.addEventListener(
      'reset',
      mine((event) => this.onReset(event)),
    );
    source.addEventListener(
      'error',
      mine(() => this.onError()),
    );
    this.expectReady();
  }

  private expectReady() {
    this.cancelTimer?.();
    this.cancelTimer = this.world.after(READY_WITHIN_MS, () => this.lost());
  }

  private onReady(event: MessageEvent<string>) {
    this.cancelTimer?.();
    this.failures = 0;
    // With a place to go on from, the events up to `ready`'s are still to come.
    this.cursor ??= event.lastEventId || null;
    this.say('live');
  }

  private onMessage(event: MessageEvent<string>) {
    this.cursor = event.lastEventId || this.cursor;
    const parsed = parse(event.data);
    // A frame this version cannot read must not end the others.
    if (parsed) this.listener.event(event.lastEventId, parsed);
  }

  private onReset(event: MessageEvent<string>) {
    this.cursor = event.lastEventId || null;
    this.listener.reset(this.cursor);
  }

  private onError() {
    if (this.source?.readyState === CLOSED) {
      this.lost();
      return;
    }
    // The browser itself connects again, with Last-Event-ID.
    this.failed();
    this.expectReady();
  }

  /** The EventSource has given up: is it the session? If not, again after a while. */
  private lost() {
    this.drop();
    this.failed();
    const run = this.run;
    void this.world.session().then((session) => {
      if (run !== this.run || this.source) return;
      if (session === 'over') {
        this.stop();
        this.listener.signedOut();
        return;
      }
      const wait = backoffMs(this.failures - 1, this.world.random());
      this.cancelTimer = this.world.after(wait, () => this.open());
    });
  }

  private failed() {
    this.failures += 1;
    this.say(this.failures >= OFFLINE_AFTER_FAILURES ? 'offline' : 'reconnecting');
  }

  private say(connection: Connection) {
    if (connection === this.last) return;
    this.last = connection;
    this.listener.connection(connection);
  }
}

function parse(data: string): Event | undefined {
  try {
    const parsed: Partial<Event> | null = JSON.parse(data);
    return typeof parsed?.type === 'string' ? (parsed as Event) : undefined;
  } catch {
    return undefined;
  }
}
