// What a page and the connection hub send each other.
import type { components } from '@/lib/api/messages';
import type { Event } from '@/lib/api/types';

type Schemas = components['schemas'];

/**
 * `connecting`: nothing has arrived yet. `live`: events arrive. `reconnecting`: lost a moment ago.
 * `offline`: several attempts have failed.
 */
export type ConnectionStatus = 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface ConnectionState {
  connection: ConnectionStatus;
  /** How often it was live again after it had been lost. */
  reconnects: number;
}

/** What one can subscribe to on the WebSocket. */
export interface Topic {
  kind: 'organization' | 'workspace' | 'cluster' | 'task';
  id: string;
}

/** Where somebody is: at a cluster or in a workspace, and on which page. */
export type Whereabouts = Schemas['whereabouts'];
export type Presence = Schemas['Presence'];
export type Here = Schemas['Here'];
export type SocketError = Schemas['SocketError'];

/** What happened in a topic. */
export type TopicMessage =
  | { type: 'workspace:status' | 'task:progress' | 'event'; cursor: string; data: Event }
  | { type: 'vcluster:health'; cursor: string; data: Schemas['Health'] };

/** From the hub to a page. */
export type FromHub =
  | ({ kind: 'stream' } & ConnectionState)
  | { kind: 'event'; cursor: string; event: Event }
  /** The events up to this cursor are lost: read the lists again. */
  | { kind: 'reset'; cursor: string | null }
  /** The session is over, or is somebody else's now. */
  | { kind: 'signed_out' }
  | ({ kind: 'socket' } & ConnectionState)
  /** Something happened in topics, at least one of which this page subscribes to. */
  | { kind: 'message'; message: TopicMessage; topics: Topic[] }
  /** A topic's messages after this cursor follow; with `reset`, those before it are lost. */
  | { kind: 'subscribed'; topic: Topic; cursor: string; reset: boolean }
  | { kind: 'presence'; presence: Presence }
  | { kind: 'error'; error: SocketError };

/** From a page to the hub. */
export type ToHub =
  /** Send this user's events after the cursor. */
  | { kind: 'join'; user: string; since: string | null }
  /** This page goes away or is hidden. */
  | { kind: 'leave' }
  /** The page holds this Web Lock for life: the hub learns from its release that the page is gone. */
  | { kind: 'lock'; name: string }
  /** The person has logged out: sign every page of this browser out. */
  | { kind: 'log_out' }
  /** Connect now instead of at the next attempt. */
  | { kind: 'retry' }
  /** Send this topic's messages after the cursor. */
  | { kind: 'subscribe'; topic: Topic; since: string | null }
  | { kind: 'unsubscribe'; topic: Topic }
  /** This page is looked at, and where it is; an empty list is nowhere that others may know of. */
  | { kind: 'places'; places: Whereabouts[] };
