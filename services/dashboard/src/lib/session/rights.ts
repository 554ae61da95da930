// What a person may do where: looked up in what the server says, and why not in words.
import type { Action, Cluster, Me, Membership, Organization } from '@/lib/api/types';
import { roleWords } from '@/lib/people/roles';

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

/** An organization, and the person's place in it. */
export interface InOrganization {
  organization: Organization;
  membership: Membership | undefined;
}

export const adminsOnly = ({ membership }: InOrganization, what: string) =>
  mayIn(membership, 'organization_change')
    ? null
    : `Only admins and owners can ${what}. Ask one of them, or ask for the Admin role.`;

export const ownersOnly = ({ membership }: InOrganization, what: string) =>
  mayIn(membership, 'organization_own') ? null : `Only owners can ${what}. Ask one of them.`;
