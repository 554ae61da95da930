// What is said of one connection: how it is, how often it came back, how long to wait before it is
// tried again.
import { backoffMs } from './backoff';
import type { Connection } from './protocol';

/** Failures in a row after which `reconnecting` is called `offline`. */
const OFFLINE_AFTER_FAILURES = 3;

export class State {
  connection: Connection = 'connecting';
  /** How often it was live again after it had been lost. */
  reconnects = 0;
  private failures = 0;
  private wasLive = false;

  constructor(private readonly tell: (connection: Connection, reconnects: number) => void) {}

  /** It is opened for the first time, or for somebody else. */
  begin() {
    this.failures = 0;
    this.reconnects = 0;
    this.wasLive = false;
    this.say('connecting');
  }

  live() {
    this.failures = 0;
    if (this.wasLive && this.connection !== 'live') this.reconnects += 1;
    this.wasLive = true;
    this.say('live');
  }

  failed() {
    this.failures += 1;
    this.say(this.failures >= OFFLINE_AFTER_FAILURES ? 'offline' : 'reconnecting');
  }

  /** It will not be tried again by itself. */
  givenUp() {
    this.say('offline');
  }

  /** After so many failures; `random` is in [0, 1). */
  wait(random: number): number {
    return backoffMs(Math.max(0, this.failures - 1), random);
  }

  private say(connection: Connection) {
    if (connection === this.connection) return;
    this.connection = connection;
    this.tell(connection, this.reconnects);
  }
}
