// What the page and the keeper of its event stream say to each other.
import type { Event } from '@/lib/api/types';

/**
 * `connecting`: not yet heard anything. `live`: events arrive. `reconnecting`: lost a moment ago.
 * `offline`: several attempts have failed.
 */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** From the keeper to the page. */
export type Signal =
  | { kind: 'connection'; connection: Connection }
  | { kind: 'event'; cursor: string; event: Event }
  /** What came between cannot be had: list again. */
  | { kind: 'reset'; cursor: string | null }
  /** The session is over, or is somebody else's now. */
  | { kind: 'signed_out' };

/** From the page to the keeper. */
export type Order =
  /** Events of this person's session after this place in the log, please. */
  | { kind: 'join'; user: string; since: string | null }
  /** This page goes away or is hidden. */
  | { kind: 'leave' }
  /** The person has logged out: every page of this browser shall know. */
  | { kind: 'log_out' }
  /** Do not wait for the next attempt. */
  | { kind: 'retry' };
