// The names by which the page calls the API's types. All come from schema.ts, which is generated
// from proto/openapi.json, but for the event: its schema is not part of the HTTP API.
import type { components } from './schema';

export type { paths } from './schema';

type Schemas = components['schemas'];

export type Accepted = Schemas['Accepted'];
export type Cluster = Schemas['Cluster'];
export type ClusterStatus = Schemas['ClusterStatus'];
export type ClusterVersion = Schemas['ClusterVersion'];
export type CreateCluster = Schemas['CreateCluster'];
export type Check = Schemas['Check'];
export type ExecResult = Schemas['ExecResult'];
export type FieldError = Schemas['FieldError'];
export type Host = Schemas['Host'];
export type Idle = Schemas['Idle'];
export type Installation = Schemas['Installation'];
export type Invariant = Schemas['Invariant'];
export type Login = Schemas['Login'];
export type Me = Schemas['Me'];
export type Problem = Schemas['Problem'];
export type Reason = Schemas['Reason'];
export type Register = Schemas['Register'];
export type Step = Schemas['Step'];
export type Task = Schemas['Task'];
export type TaskKind = Schemas['TaskKind'];
export type TaskStatus = Schemas['TaskStatus'];
export type TaskStep = Schemas['TaskStep'];
export type User = Schemas['User'];
export type Workspace = Schemas['Workspace'];

/** One page of a list, newest first. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Something that happened, as `/api/v1/events` tells it (crates/api/src/event.rs). */
export interface Event {
  id: string;
  type: string;
  time: string;
  organization_id?: string;
  workspace_id?: string;
  cluster_id?: string;
  task_id?: string;
  /** The cluster's. */
  status?: ClusterStatus;
  /** The cluster's, or the object's where there is no cluster. */
  version: number;
  /** The object that `type` names, as its GET returns it. */
  data?: unknown;
}
