// How one connection is doing: its status, how often it came back, how long to wait before the next
// attempt.
import { backoffMs } from './backoff';
import type { ConnectionState, ConnectionStatus } from './protocol';

/** Failures in a row after which `reconnecting` is called `offline`. */
const OFFLINE_AFTER_FAILURES = 3;

export class ConnectionTracker implements ConnectionState {
  connection: ConnectionStatus = 'connecting';
  reconnects = 0;
  private failures = 0;
  private wasLive = false;

  constructor(private readonly onChange: (state: ConnectionState) => void) {}

  /** It is opened for the first time, or for somebody else. */
  begin() {
    this.failures = 0;
    this.reconnects = 0;
    this.wasLive = false;
    this.set('connecting');
  }

  live() {
    this.failures = 0;
    if (this.wasLive && this.connection !== 'live') this.reconnects += 1;
    this.wasLive = true;
    this.set('live');
  }

  failed() {
    this.failures += 1;
    this.set(this.failures >= OFFLINE_AFTER_FAILURES ? 'offline' : 'reconnecting');
  }

  /** The server refused: there is no next attempt until somebody asks for one. */
  refused() {
    this.set('offline');
  }

  /** Milliseconds until the next attempt; `random` is in [0, 1). */
  wait(random: number): number {
    return backoffMs(Math.max(0, this.failures - 1), random);
  }

  private set(connection: ConnectionStatus) {
    if (connection === this.connection) return;
    this.connection = connection;
    this.onChange({ connection, reconnects: this.reconnects });
  }
}
