// Which places of presence a page is in.

import type { Cluster, Me } from '@/lib/api/types';
import type { Whereabouts } from '@/lib/events/protocol';
import { useMe } from '@/lib/session/me';
import { membershipIn } from '@/lib/session/rights';

/** Workspaces one page is in: the server lets a browser be in four places. */
const WORKSPACES_MAX = 3;

/** The workspaces of an organization, or of all; personal ones have no presence. */
export function workspacesOf(me: Me, organization: string | undefined, page: string) {
  return me.workspaces
    .filter(({ organization_id }) => {
      const membership = membershipIn(me, organization_id);
      const wanted = !organization || organization === organization_id;
      return membership && !membership.personal && wanted;
    })
    .slice(0, WORKSPACES_MAX)
    .map(({ id, organization_id }): Whereabouts => ({ organization_id, workspace_id: id, page }));
}

/** At a cluster, and in its workspace for those who are in its organization. */
export function usePlacesAt(cluster: Cluster): Whereabouts[] {
  const me = useMe();
  if (cluster.status === 'DELETED') return [];
  const { organization_id, workspace_id, id, name } = cluster;
  const page = `/clusters/${name}`;
  const membership = membershipIn(me, organization_id);
  const at: Whereabouts[] = [{ organization_id, cluster_id: id, page }];
  if (membership && !membership.personal) at.push({ organization_id, workspace_id, page });
  return at;
}
