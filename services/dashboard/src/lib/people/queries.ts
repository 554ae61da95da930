// People, organizations, workspaces and shares as queries: read when shown, and again when an event says
// that they changed.
import { queryOptions } from '@tanstack/react-query';
import { people } from '@/lib/api/people';

/** Everything that is about people is under this key. */
export const PEOPLE = ['people'] as const;

const calm = { retry: false, staleTime: 10_000 } as const;

export const organizationsQuery = queryOptions({
  queryKey: [...PEOPLE, 'organizations'],
  queryFn: ({ signal }) => people.organizations(signal),
  ...calm,
});

export const organizationQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'organization', id],
    queryFn: ({ signal }) => people.organization(id, signal),
    ...calm,
  });

export const membersQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'members', id],
    queryFn: ({ signal }) => people.members(id, signal),
    ...calm,
  });

export const invitationsQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'invitations', id],
    queryFn: ({ signal }) => people.invitations(id, signal),
    ...calm,
  });

export const trustsQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'trusts', id],
    queryFn: ({ signal }) => people.trusts(id, signal),
    ...calm,
  });

export const workspacesQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'workspaces', id],
    queryFn: ({ signal }) => people.workspaces(id, signal),
    ...calm,
  });

export const workspaceQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'workspace', id],
    queryFn: ({ signal }) => people.workspace(id, signal),
    ...calm,
  });

export const sharesQuery = (clusterId: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'shares', clusterId],
    queryFn: ({ signal }) => people.shares(clusterId, signal),
    retry: false,
  });

/** Who may do what with a cluster, and why. */
export const accessQuery = (clusterId: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'access', clusterId],
    queryFn: ({ signal }) => people.access(clusterId, signal),
    retry: false,
    staleTime: 15_000,
  });
