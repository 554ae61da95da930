// The names by which the page calls the API's types. All come from schema.ts, which is generated
// from proto/openapi.json.
import type { components } from './schema';

export type { paths } from './schema';

type Schemas = components['schemas'];

export type Accepted = Schemas['Accepted'];
export type Cluster = Schemas['Cluster'];
export type ClusterStatus = Schemas['ClusterStatus'];
export type ClusterVersion = Schemas['ClusterVersion'];
export type CreateCluster = Schemas['CreateCluster'];
export type Check = Schemas['Check'];
export type Event = Schemas['Event'];
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
