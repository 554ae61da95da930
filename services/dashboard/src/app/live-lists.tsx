// Keeps lists of people, organizations, shares, webhooks and hosts current: events say only that
// something changed, and what is in sight is read again.
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import type { Me } from '@/lib/api/types';
import { POLL_MS, useConnected, useEvents, useLive } from '@/lib/live';
import { PEOPLE } from '@/lib/people/queries';
import { readMe, useMe } from '@/lib/session/me';
import { FOLLOWED, isShort, staleBy } from './stale';

/** Changes that come so close together are read once. */
const GATHER_MS = 150;

const rolesOf = (me: Me) =>
  me.organizations.map(({ organization_id, role }) => `${organization_id} ${role}`).join();

export function LiveLists() {
  const queries = useQueryClient();
  const { cache } = useLive();
  const connected = useConnected();
  const known = rolesOf(useMe());

  // Without an answer the old one stays; the next change asks again.
  const whoAmI = useCallback(() => void readMe(queries).catch(() => undefined), [queries]);
  const readAll = useCallback(() => {
    for (const queryKey of FOLLOWED) {
      void queries.invalidateQueries({ queryKey, predicate: isShort });
    }
  }, [queries]);

  const stale = useRef(new Map<string, QueryKey>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const readStale = () => {
    timer.current = undefined;
    for (const queryKey of stale.current.values()) {
      void queries.invalidateQueries({ queryKey, predicate: isShort });
      if (queryKey === PEOPLE) whoAmI();
    }
    stale.current.clear();
  };
  useEvents((event) => {
    for (const key of staleBy(event)) {
      stale.current.set(JSON.stringify(key), key);
      timer.current ??= setTimeout(readStale, GATHER_MS);
    }
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  // No events arrive without a connection: read now and then, and once when it is back.
  const wasConnected = useRef(connected);
  useEffect(() => {
    if (connected) {
      if (!wasConnected.current) {
        readAll();
        whoAmI();
      }
      wasConnected.current = true;
      return;
    }
    wasConnected.current = false;
    const poll = setInterval(readAll, POLL_MS);
    return () => clearInterval(poll);
  }, [connected, readAll, whoAmI]);

  // Another organization or role brings other clusters.
  const before = useRef(known);
  useEffect(() => {
    if (before.current !== known) cache.reset();
    before.current = known;
  }, [cache, known]);
  return null;
}
