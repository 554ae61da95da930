// The HTTP API of organizations, members, invitations, workspaces, shares and the audit.
import { client, data, every, path } from './send';
import type {
  Access,
  AuditEntry,
  CreateInvitation,
  CreateShare,
  CreateTrust,
  Invitation,
  InvitationFor,
  Member,
  NewInvitation,
  NewShare,
  Organization,
  Page,
  Quota,
  Role,
  Share,
  ShareFor,
  Trust,
  WorkspaceDetail,
} from './types';

/** Which entries of the audit are read. */
export interface AuditFilter {
  organization_id?: string;
  user_id?: string;
  cluster_id?: string;
  action?: string;
  allowed?: boolean;
}

const member = (id: string, user_id: string) => ({ params: { path: { id, user_id } } });

export const people = {
  organizations: async (signal?: AbortSignal): Promise<Organization[]> =>
    (await data(client.GET('/api/v1/organizations', { signal }))).items,
  organization: (id: string, signal?: AbortSignal): Promise<Organization> =>
    data(client.GET('/api/v1/organizations/{id}', { ...path(id), signal })),
  createOrganization: (name: string): Promise<Organization> =>
    data(client.POST('/api/v1/organizations', { body: { name } })),
  renameOrganization: (id: string, name: string): Promise<Organization> =>
    data(client.PATCH('/api/v1/organizations/{id}', { ...path(id), body: { name } })),
  deleteOrganization: (id: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/organizations/{id}', path(id))),
  transferOrganization: (id: string, user_id: string): Promise<Organization> =>
    data(client.POST('/api/v1/organizations/{id}/transfer', { ...path(id), body: { user_id } })),

  members: (id: string, signal?: AbortSignal): Promise<Member[]> =>
    every((query) =>
      data(
        client.GET('/api/v1/organizations/{id}/members', {
          params: { path: { id }, query },
          signal,
        }),
      ),
    ),
  changeMember: (id: string, user: string, role: Role): Promise<Member> =>
    data(
      client.PATCH('/api/v1/organizations/{id}/members/{user_id}', {
        ...member(id, user),
        body: { role },
      }),
    ),
  removeMember: (id: string, user: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/organizations/{id}/members/{user_id}', member(id, user))),

  invitations: (id: string, signal?: AbortSignal): Promise<Invitation[]> =>
    every((query) =>
      data(
        client.GET('/api/v1/organizations/{id}/invitations', {
          params: { path: { id }, query },
          signal,
        }),
      ),
    ),
  invite: (id: string, body: CreateInvitation): Promise<NewInvitation> =>
    data(client.POST('/api/v1/organizations/{id}/invitations', { ...path(id), body })),
  revokeInvitation: (id: string, invitation_id: string): Promise<unknown> =>
    data(
      client.DELETE('/api/v1/organizations/{id}/invitations/{invitation_id}', {
        params: { path: { id, invitation_id } },
      }),
    ),
  inspectInvitation: (token: string): Promise<InvitationFor> =>
    data(client.POST('/api/v1/invitations/look', { body: { token } })),
  acceptInvitation: (token: string): Promise<Organization> =>
    data(client.POST('/api/v1/invitations/accept', { body: { token } })),

  trusts: async (id: string, signal?: AbortSignal): Promise<Trust[]> =>
    (await data(client.GET('/api/v1/organizations/{id}/trusts', { ...path(id), signal }))).items,
  createTrust: (id: string, body: CreateTrust): Promise<Trust> =>
    data(client.POST('/api/v1/organizations/{id}/trusts', { ...path(id), body })),
  endTrust: (id: string, trust_id: string): Promise<unknown> =>
    data(
      client.DELETE('/api/v1/organizations/{id}/trusts/{trust_id}', {
        params: { path: { id, trust_id } },
      }),
    ),

  workspaces: async (organization_id: string, signal?: AbortSignal): Promise<WorkspaceDetail[]> => {
    const params = { query: { organization_id } };
    return (await data(client.GET('/api/v1/workspaces', { params, signal }))).items;
  },
  workspace: (id: string, signal?: AbortSignal): Promise<WorkspaceDetail> =>
    data(client.GET('/api/v1/workspaces/{id}', { ...path(id), signal })),
  createWorkspace: (
    organization_id: string,
    name: string,
    quota: Quota,
  ): Promise<WorkspaceDetail> =>
    data(client.POST('/api/v1/workspaces', { body: { organization_id, name, quota } })),
  changeWorkspace: (id: string, name: string, quota: Quota): Promise<WorkspaceDetail> =>
    data(client.PATCH('/api/v1/workspaces/{id}', { ...path(id), body: { name, quota } })),
  deleteWorkspace: (id: string): Promise<unknown> =>
    data(client.DELETE('/api/v1/workspaces/{id}', path(id))),

  shares: (id: string, signal?: AbortSignal): Promise<Share[]> =>
    every((query) =>
      data(client.GET('/api/v1/clusters/{id}/shares', { params: { path: { id }, query }, signal })),
    ),
  share: (id: string, body: CreateShare): Promise<NewShare> =>
    data(client.POST('/api/v1/clusters/{id}/shares', { ...path(id), body })),
  endShare: (id: string, share_id: string): Promise<unknown> =>
    data(
      client.DELETE('/api/v1/clusters/{id}/shares/{share_id}', {
        params: { path: { id, share_id } },
      }),
    ),
  inspectShare: (token: string): Promise<ShareFor> =>
    data(client.POST('/api/v1/shares/look', { body: { token } })),
  redeemShare: (token: string): Promise<Share> =>
    data(client.POST('/api/v1/shares/redeem', { body: { token } })),
  access: (id: string, signal?: AbortSignal): Promise<Access> =>
    data(client.GET('/api/v1/clusters/{id}/access', { ...path(id), signal })),

  audit: (
    filter: AuditFilter,
    limit: number,
    cursor?: string,
    signal?: AbortSignal,
  ): Promise<Page<AuditEntry>> => {
    const query = { ...filter, limit, ...(cursor ? { cursor } : {}) };
    return data(client.GET('/api/v1/audit', { params: { query }, signal }));
  },
};
