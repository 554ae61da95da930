// Which clusters the page shows, as chosen in the header: an organization's, those shared with the
// person, or all.
import { useMemo, useSyncExternalStore } from 'react';
import type { Cluster, Membership } from '@/lib/api/types';
import { useMe } from './me';

export type Scope =
  | { kind: 'all' }
  | { kind: 'shared' }
  | { kind: 'organization'; membership: Membership };

const ALL = '';
const SHARED = 'shared';

const listeners = new Set<() => void>();
// Where storage is switched off the choice lives as long as the page.
const memory = new Map<string, string>();
const name = (user: string) => `labyard-scope:${user}`;

function read(user: string): string {
  try {
    return localStorage.getItem(name(user)) ?? ALL;
  } catch {
    return memory.get(user) ?? ALL;
  }
}

function write(user: string, chosen: string) {
  memory.set(user, chosen);
  try {
    localStorage.setItem(name(user), chosen);
  } catch {
    // See above.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** The choice; all when it is an organization that the person has left. */
export function useScope(): { scope: Scope; choose: (chosen: Scope) => void } {
  const me = useMe();
  const user = me.user.id;
  const chosen = useSyncExternalStore(subscribe, () => read(user));
  return useMemo(() => {
    const membership = me.organizations.find(({ organization_id }) => organization_id === chosen);
    const scope: Scope = membership
      ? { kind: 'organization', membership }
      : { kind: chosen === SHARED ? 'shared' : 'all' };
    const choose = (next: Scope) =>
      write(
        user,
        next.kind === 'organization'
          ? next.membership.organization_id
          : next.kind === 'shared'
            ? SHARED
            : ALL,
      );
    return { scope, choose };
  }, [me.organizations, user, chosen]);
}

export function isWithin(scope: Scope, cluster: Cluster, organizations: Membership[]): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'shared':
      return !organizations.some((one) => one.organization_id === cluster.organization_id);
    case 'organization':
      return cluster.organization_id === scope.membership.organization_id;
  }
}
