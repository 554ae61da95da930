// The shapes of the HTTP API and of its events, as crates/api defines them. Written by hand until
// proto/openapi.json is there; afterwards each line re-exports from the generated schema.ts.

export type ClusterStatus =
  | 'PROVISIONING'
  | 'RUNNING'
  | 'STOPPING'
  | 'STOPPED'
  | 'STARTING'
  | 'UPGRADING'
  | 'RESTORING'
  | 'DELETING'
  | 'DELETED'
  | 'ERROR'
  | 'UNKNOWN';

export interface Reason {
  code: string;
  message: string;
  fix: string;
}

export interface Resources {
  cpu_millis: number;
  memory_mib: number;
  pids: number;
}

export interface Cluster {
  id: string;
  organization_id: string;
  workspace_id: string;
  name: string;
  status: ClusterStatus;
  reason?: Reason | null;
  k8s_version: string;
  driver: string;
  host: string | null;
  generation: number;
  resources: Resources;
  created_by: string;
  created_at: string;
  expires_at: string;
  deleted_at: string | null;
  task_id: string | null;
  version: number;
}

export interface CreateCluster {
  name: string;
  ttl_hours?: number;
  workspace_id?: string;
  k8s_version?: string;
}

export interface Extend {
  hours: number;
}

export interface Exec {
  command: string;
}

export interface ExecResult {
  output: string;
  error: string;
  exit_code: number;
  truncated: boolean;
}

export interface ClusterVersion {
  version: string;
  default: boolean;
}

export type TaskKind = 'create' | 'start' | 'stop' | 'delete' | 'unknown';
export type TaskStatus =
  | 'pending'
  | 'in_progress'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'unknown';
export type Step = 'prepare' | 'create' | 'start' | 'ready' | 'stop' | 'remove';

export interface TaskStep {
  step: Step;
  started_at: string;
  ended_at: string | null;
  reason?: Reason | null;
}

export interface Task {
  id: string;
  organization_id: string;
  workspace_id: string;
  cluster_id: string;
  cluster_name: string;
  kind: TaskKind;
  status: TaskStatus;
  percent: number;
  steps: TaskStep[];
  reason?: Reason | null;
  attempt: number;
  created_by: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  version: number;
}

export interface Accepted {
  cluster: Cluster;
  task: Task;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface User {
  id: string;
  email: string;
  name: string;
  is_admin: boolean;
  created_at: string;
}

export interface Register {
  email: string;
  password: string;
  name?: string;
}

export interface Login {
  email: string;
  password: string;
}

export interface Membership {
  organization_id: string;
  name: string;
  role: 'viewer' | 'member' | 'admin' | 'owner';
  personal: boolean;
}

export interface Workspace {
  id: string;
  organization_id: string;
  name: string;
}

export interface Me {
  user: User;
  session_id: string;
  organizations: Membership[];
  workspaces: Workspace[];
  isolation: string;
}

export interface FieldError {
  pointer: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  reason: Reason;
  errors?: FieldError[];
  request_id?: string | null;
}

export interface Event {
  id: string;
  type: string;
  time: string;
  organization_id?: string;
  workspace_id?: string;
  cluster_id?: string;
  task_id?: string;
  status?: ClusterStatus;
  version: number;
  data?: unknown;
}

type Answer<T, Media extends string = 'application/json'> = {
  headers: Record<string, unknown>;
  content: { [media in Media]: T };
};
type Failure = { default: Answer<Problem, 'application/problem+json'> };
type Empty = { headers: Record<string, unknown>; content?: never };
type Body<T> = { requestBody: { content: { 'application/json': T } } };
type NoParameters = { parameters: { query?: never } };
type OfOne = { parameters: { path: { id: string } } };

/** The routes this page uses, in the form that openapi-typescript gives them. */
export interface paths {
  '/api/v1/auth/register': {
    post: NoParameters & Body<Register> & { responses: { 201: Answer<User> } & Failure };
  };
  '/api/v1/auth/session': {
    post: NoParameters & Body<Login> & { responses: { 200: Answer<User> } & Failure };
    delete: NoParameters & { responses: { 204: Empty } & Failure };
  };
  '/api/v1/auth/me': {
    get: NoParameters & { responses: { 200: Answer<Me> } & Failure };
  };
  '/api/v1/clusters': {
    get: {
      parameters: { query?: { limit?: number; cursor?: string } };
      responses: { 200: Answer<Page<Cluster>> } & Failure;
    };
    post: NoParameters & Body<CreateCluster> & { responses: { 202: Answer<Accepted> } & Failure };
  };
  '/api/v1/clusters/{id}': {
    delete: OfOne & { responses: { 202: Answer<Accepted> } & Failure };
  };
  '/api/v1/clusters/{id}/extend': {
    post: OfOne & Body<Extend> & { responses: { 200: Answer<Cluster> } & Failure };
  };
  '/api/v1/clusters/{id}/exec': {
    post: OfOne & Body<Exec> & { responses: { 200: Answer<ExecResult> } & Failure };
  };
  '/api/v1/clusters/{id}/kubeconfig': {
    get: OfOne & { responses: { 200: Answer<string, 'text/plain'> } & Failure };
  };
  '/api/v1/cluster-versions': {
    get: NoParameters & { responses: { 200: Answer<Page<ClusterVersion>> } & Failure };
  };
  '/api/v1/tasks/{id}': {
    get: OfOne & { responses: { 200: Answer<Task> } & Failure };
  };
}
