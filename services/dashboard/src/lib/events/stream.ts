// One EventSource that stays open: opens, listens, notices loss, checks the session, opens again.
// Knows neither pages nor clusters; time, randomness and the network are passed in.
import type { Event } from '@/lib/api/types';
import { ConnectionTracker } from './connection-tracker';
import type { ConnectionState } from './protocol';
import type { EventSourceLike, World } from './world';

/** A server that has not sent `ready` by then is given up. */
const READY_WITHIN_MS = 10_000;

const CLOSED = 2;

export interface StreamListener {
  connection(state: ConnectionState): void;
  event(cursor: string, event: Event): void;
  reset(cursor: string | null): void;
  signedOut(): void;
}

export class Stream {
  private source: EventSourceLike | undefined;
  private cancelTimer: (() => void) | undefined;
  private stopped = true;
  /** Tells this start from earlier ones while a session check is under way. */
  private run = 0;
  readonly state: ConnectionTracker;

  constructor(
    private readonly world: World,
    private readonly listener: StreamListener,
    private cursor: string | null = null,
  ) {
    this.state = new ConnectionTracker((state) => listener.connection(state));
  }

  start(since: string | null) {
    this.stop();
    this.stopped = false;
    this.cursor = since;
    this.state.begin();
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
    const source = this.world.openStream(`/api/v1/events${query}`);
    this.source = source;
    const ifCurrent = (handle: (event: MessageEvent<string>) => void) => {
      return (event: MessageEvent<string>) => {
        if (this.source === source) handle(event);
      };
    };
    source.addEventListener(
      'ready',
      ifCurrent((event) => this.onReady(event)),
    );
    source.addEventListener(
      'message',
      ifCurrent((event) => this.onMessage(event)),
    );
    source.addEventListener(
      'reset',
      ifCurrent((event) => this.onReset(event)),
    );
    source.addEventListener(
      'error',
      ifCurrent(() => this.onError()),
    );
    this.expectReady();
  }

  private expectReady() {
    this.cancelTimer?.();
    this.cancelTimer = this.world.after(READY_WITHIN_MS, () => this.onLost());
  }

  private onReady(event: MessageEvent<string>) {
    this.cancelTimer?.();
    // A stream that resumes keeps its own cursor: the events up to that of `ready` are still to come.
    this.cursor ??= event.lastEventId || null;
    this.state.live();
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
      this.onLost();
      return;
    }
    // The browser itself connects again, with Last-Event-ID.
    this.state.failed();
    this.expectReady();
  }

  /** The EventSource has given up: ends for good if the session is over; else opens again after a while. */
  private onLost() {
    this.drop();
    this.state.failed();
    const run = this.run;
    void this.world.session().then((session) => {
      if (run !== this.run || this.source) return;
      if (session === 'over') {
        this.stop();
        this.listener.signedOut();
        return;
      }
      const wait = this.state.wait(this.world.random());
      this.cancelTimer = this.world.after(wait, () => this.open());
    });
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
