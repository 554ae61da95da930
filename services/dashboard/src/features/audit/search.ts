// The filters in the address of the audit, as a filter of the API, and which scopes a person may choose.
import type { AuditFilter } from '@/lib/api/people';
import type { Me } from '@/lib/api/types';
import { mayIn } from '@/lib/session/rights';

/** In the address: one's own actions. */
export const OWN = 'own';

export interface AuditSearch {
  /** An organization or `own`; if absent, the widest scope that the person may read. */
  of?: string;
  user?: string;
  action?: string;
  allowed?: 'yes' | 'no';
}

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined);

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  const { of, user, action, allowed } = search;
  return {
    of: text(of),
    user: text(user),
    action: text(action),
    allowed: allowed === 'yes' || allowed === 'no' ? allowed : undefined,
  };
}

/** The scopes a person may choose, the widest first. */
export function choices({ user, organizations }: Me): { value: string; label: string }[] {
  return [
    ...(user.is_admin ? [{ value: '', label: 'Entire installation' }] : []),
    { value: OWN, label: 'My actions' },
    ...organizations
      .filter((membership) => mayIn(membership, 'audit_read'))
      .map(({ organization_id, name, personal }) => ({
        value: organization_id,
        label: personal ? `${name} (personal)` : name,
      })),
  ];
}

export function toFilter({ of, user, action, allowed }: AuditSearch, me: Me): AuditFilter {
  const own = of === OWN || (!of && !me.user.is_admin);
  const whose = own ? me.user.id : user;
  return {
    ...(of && !own ? { organization_id: of } : {}),
    ...(whose ? { user_id: whose } : {}),
    ...(action ? { action } : {}),
    ...(allowed ? { allowed: allowed === 'yes' } : {}),
  };
}
