// Who is signed in, for every part of a page; what they may do where, as the server has said.
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { roleWords } from '@/features/organizations/words';
import type { Action, Cluster, Me, Membership } from '@/lib/api/types';
import { meQuery } from './session';

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error('useMe outside MeContext');
  return me;
}

/** The person as last heard of; reading it again is `readMe`'s business. */
export const useFreshMe = (me: Me): Me => useQuery({ ...meQuery, enabled: false }).data ?? me;

/** Asks again who this is: their organizations may have changed. */
export const readMe = (queries: QueryClient): Promise<Me> =>
  queries.fetchQuery({ ...meQuery, staleTime: 0 });

export const membershipIn = (me: Me, organization: string | null | undefined) =>
  me.organizations.find(({ organization_id }) => organization_id === organization);

export const mayIn = (membership: Membership | undefined, action: Action) =>
  membership?.actions?.includes(action) ?? false;

/** A cluster, or what is about one. */
type Owned = Pick<Cluster, 'organization_id'>;

/** Why a person may not do this to a cluster; nothing if they may. */
export function whyNot(me: Me, cluster: Owned, action: Action): string | null {
  const membership = membershipIn(me, cluster.organization_id);
  if (mayIn(membership, action)) return null;
  return membership
    ? `${roleWords(membership.role).word}s can’t change clusters. Ask an admin of ${membership.name} for the Member role.`
    : 'This cluster is shared with you. You can use it, but not change it.';
}
