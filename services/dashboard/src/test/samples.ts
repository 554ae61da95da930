// Objects as the API gives them.
import type { Cluster, Event, Me, Task } from '@/lib/api/types';

export const aCluster = (more: Partial<Cluster> = {}): Cluster => ({
  id: `clu_${more.name ?? 'demo'}`,
  organization_id: 'org_1',
  workspace_id: 'ws_1',
  name: 'demo',
  status: 'PROVISIONING',
  k8s_version: 'v1.34.4',
  driver: 'docker',
  host: null,
  generation: 1,
  resources: { cpu_millis: 2000, memory_mib: 2048, pids: 4096 },
  created_by: 'usr_1',
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: new Date(Date.now() + 4 * 3_600_000).toISOString(),
  health: 'OK',
  deleted_at: null,
  task_id: null,
  version: 1,
  ...more,
});

export const aTask = (more: Partial<Task> = {}): Task => ({
  id: 'task_1',
  organization_id: 'org_1',
  workspace_id: 'ws_1',
  cluster_id: 'clu_demo',
  cluster_name: 'demo',
  kind: 'create',
  status: 'pending',
  percent: 0,
  steps: [],
  attempt: 0,
  created_by: 'usr_1',
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: null,
  ended_at: null,
  version: 1,
  ...more,
});

/** The event that tells of a cluster's present state. */
export const eventOf = (cluster: Cluster, type = 'cluster.changed'): Event => ({
  id: 'evt_1',
  type,
  time: '2026-01-01T00:00:00.000Z',
  cluster_id: cluster.id,
  status: cluster.status,
  version: cluster.version,
  data: cluster,
});

export const aTaskEvent = (type: string, task: Task, cluster: Cluster): Event => ({
  ...eventOf(cluster, type),
  task_id: task.id,
  data: task,
});

export const me: Me = {
  user: {
    id: 'usr_1',
    email: 'ada@example.org',
    name: 'Ada Lovelace',
    is_admin: false,
    created_at: '2026-01-01T00:00:00.000Z',
  },
  session_id: 'ses_1',
  organizations: [],
  workspaces: [{ id: 'ws_1', organization_id: 'org_1', name: 'default' }],
  isolation: 'dev',
};
