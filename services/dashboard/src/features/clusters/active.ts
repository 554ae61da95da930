// Tells the server that somebody looks at a cluster, so that it is not stopped as unused.
import { useEffect } from 'react';
import { api } from '@/lib/api/client';

/** The server wants to hear it at most this often. */
export const ACTIVE_EVERY_MS = 60_000;

const told = new Map<string, number>();
/** Clusters whose last telling is remembered. */
const TOLD_MAX = 100;

function tell(id: string) {
  const now = Date.now();
  if (now - (told.get(id) ?? Number.NEGATIVE_INFINITY) < ACTIVE_EVERY_MS) return;
  if (told.size >= TOLD_MAX) told.clear();
  told.set(id, now);
  // It is told again soon: one that is lost does no harm.
  api.markActive(id).catch(() => undefined);
}

const isLookedAt = () => !document.hidden && document.hasFocus();

export function useActive(id: string, enabled: boolean) {
  useEffect(() => {
    if (!enabled) return;
    const look = () => isLookedAt() && tell(id);
    look();
    const timer = setInterval(look, ACTIVE_EVERY_MS);
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [id, enabled]);
}
