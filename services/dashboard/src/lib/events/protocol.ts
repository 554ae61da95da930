// What the page and the keeper of its connections say to each other.
import type { components } from '@/lib/api/messages';
import type { Event } from '@/lib/api/types';

type Schemas = components['schemas'];

/**
 * `connecting`: not yet heard anything. `live`: events arrive. `reconnecting`: lost a moment ago.
 * `offline`: several attempts have failed.
 */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** What one can subscribe to on the WebSocket. */
export interface Room {
  topic: 'organization' | 'workspace' | 'cluster' | 'task';
  id: string;
}

/** Where somebody is: at a cluster or in a workspace, and on which page. */
export type Whereabouts = Schemas['whereabouts'];
export type Presence = Schemas['Presence'];
export type Here = Schemas['Here'];
export type SocketError = Schemas['SocketError'];

/** What happened in a room. */
export type Told =
  | { type: 'workspace:status' | 'task:progress' | 'event'; cursor: string; data: Event }
  | { type: 'vcluster:health'; cursor: string; data: Schemas['Health'] };

/** From the keeper to the page. */
export type Signal =
  /** Of the event stream, and how often it was opened again. */
  | { kind: 'connection'; connection: Connection; reconnects: number }
  | { kind: 'event'; cursor: string; event: Event }
  /** What came between cannot be had: list again. */
  | { kind: 'reset'; cursor: string | null }
  /** The session is over, or is somebody else's now. */
  | { kind: 'signed_out' }
  /** Of the WebSocket. */
  | { kind: 'socket'; connection: Connection; reconnects: number }
  /** Something happened in rooms of this page. */
  | { kind: 'told'; told: Told; rooms: Room[] }
  /** A room's events are told from here on; with a reset, what came before it cannot be had. */
  | { kind: 'subscribed'; room: Room; cursor: string; reset: boolean }
  | { kind: 'presence'; presence: Presence }
  | { kind: 'error'; error: SocketError };

/** From the page to the keeper. */
export type Order =
  /** Events of this person's session after this place in the log, please. */
  | { kind: 'join'; user: string; since: string | null }
  /** This page goes away or is hidden. */
  | { kind: 'leave' }
  /** The page holds this lock as long as it lives: that it ended is learned from the lock alone. */
  | { kind: 'life'; lock: string }
  /** The person has logged out: every page of this browser shall know. */
  | { kind: 'log_out' }
  /** Do not wait for the next attempt. */
  | { kind: 'retry' }
  /** What happens in this room after this place in the log, please. */
  | { kind: 'subscribe'; room: Room; since: string | null }
  | { kind: 'unsubscribe'; room: Room }
  /** The person looks at this page; with nothing, at none that others may know of. */
  | { kind: 'here'; places: Whereabouts[] };
