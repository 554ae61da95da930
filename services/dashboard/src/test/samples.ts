// Objects as the API gives them.
import type {
  Access,
  Action,
  Cluster,
  Event,
  Me,
  Member,
  Membership,
  Organization,
  PersonAccess,
  Role,
  Task,
  Webhook,
  WorkspaceDetail,
} from '@/lib/api/types';

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

/** The event with a cluster's present state. */
export const eventOf = (cluster: Cluster, type = 'cluster.changed'): Event => ({
  id: 'evt_1',
  type,
  time: '2026-01-01T00:00:00.000Z',
  organization_id: cluster.organization_id,
  workspace_id: cluster.workspace_id,
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

const ALLOWED: Record<Role, Action[]> = {
  viewer: ['cluster_read', 'cluster_use', 'organization_read'],
  member: ['cluster_read', 'cluster_use', 'organization_read', 'cluster_create', 'cluster_change'],
  admin: [
    'cluster_read',
    'cluster_use',
    'organization_read',
    'cluster_create',
    'cluster_change',
    'cluster_share',
    'organization_change',
    'audit_read',
  ],
  owner: [
    'cluster_read',
    'cluster_use',
    'organization_read',
    'cluster_create',
    'cluster_change',
    'cluster_share',
    'organization_change',
    'audit_read',
    'organization_own',
  ],
};

/** A place in an organization, with what the server says the role allows there. */
export const aMembership = (more: Partial<Membership> = {}): Membership => ({
  organization_id: 'org_2',
  name: 'Team',
  role: 'owner',
  personal: false,
  actions: ALLOWED[more.role ?? 'owner'],
  ...more,
});

/** Who may reach cluster `demo`: its owner, in the eyes of that owner. */
export const anAccess = (more: Partial<PersonAccess> = {}): Access => ({
  cluster_id: 'clu_demo',
  more: false,
  people: [
    {
      person: {
        user_id: 'usr_1',
        name: 'Ada Lovelace',
        email: 'ada@example.org',
        email_verified: true,
      },
      actions: ['cluster_read', 'cluster_use', 'cluster_change', 'cluster_share'],
      groups: ['labyard:owner'],
      because: [{ by: 'role', role: 'owner' }, { by: 'made_it' }],
      ...more,
    },
  ],
});

export const anOrganization = (more: Partial<Organization> = {}): Organization => ({
  id: 'org_2',
  name: 'Team',
  personal: false,
  role: 'owner',
  members: 2,
  workspaces: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  ...more,
});

export const aMember = (more: Partial<Member> = {}): Member => ({
  user_id: 'usr_1',
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  role: 'owner',
  since: '2026-01-01T00:00:00.000Z',
  ...more,
});

export const aWorkspace = (more: Partial<WorkspaceDetail> = {}): WorkspaceDetail => ({
  id: 'ws_2',
  organization_id: 'org_2',
  name: 'default',
  role: 'owner',
  status: 'EMPTY',
  quota: {},
  used: { clusters: 0, cpu_millis: 0, memory_mib: 0, cluster_hours: 0 },
  created_at: '2026-01-01T00:00:00.000Z',
  ...more,
});

export const aWebhook = (more: Partial<Webhook> = {}): Webhook => ({
  id: 'whk_1',
  organization_id: 'org_2',
  workspace_id: 'ws_2',
  url: 'https://example.org/hook',
  types: [],
  enabled: true,
  created_by: 'usr_1',
  created_at: '2026-01-01T00:00:00.000Z',
  ...more,
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
  organizations: [aMembership({ organization_id: 'org_1', name: 'Ada Lovelace', personal: true })],
  workspaces: [{ id: 'ws_1', organization_id: 'org_1', name: 'default' }],
  has_password: true,
  isolation: 'dev',
};
