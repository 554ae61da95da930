// Keeps what is shown of people and organizations true: events say that something changed, and what
// is in sight is read again.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { readMe, useMe } from '@/features/auth/me';
import { POLL_MS, useConnected, useEvents, useLive } from '@/features/clusters/live';
import type { Me } from '@/lib/api/types';
import { PEOPLE } from './queries';

/** Changes that come so close together are read once. */
const GATHER_MS = 150;

const places = (me: Me) =>
  me.organizations.map(({ organization_id, role }) => `${organization_id} ${role}`).join();

export function LivePeople() {
  const queries = useQueryClient();
  const { cache } = useLive();
  const connected = useConnected();
  const known = places(useMe());

  const readAgain = useCallback(() => {
    void queries.invalidateQueries({ queryKey: PEOPLE });
    // Without an answer what was known stays; the next change asks again.
    void readMe(queries).catch(() => undefined);
  }, [queries]);

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEvents((event) => {
    if (!event.type.startsWith('organization.')) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(readAgain, GATHER_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  // Nothing is told while there is no connection: read now and then, and once when it is back.
  const wasConnected = useRef(connected);
  useEffect(() => {
    if (connected) {
      if (!wasConnected.current) readAgain();
      wasConnected.current = true;
      return;
    }
    wasConnected.current = false;
    const poll = setInterval(() => queries.invalidateQueries({ queryKey: PEOPLE }), POLL_MS);
    return () => clearInterval(poll);
  }, [connected, queries, readAgain]);

  // Another place brings other clusters.
  const before = useRef(known);
  useEffect(() => {
    if (before.current !== known) cache.reset();
    before.current = known;
  }, [cache, known]);
  return null;
}
