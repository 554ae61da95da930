// Reports to the server that somebody looks at a cluster, so that it is not stopped as unused.
import { useEffect } from 'react';
import { api } from '@/lib/api/client';

/** At most once in this time for each cluster. */
export const ACTIVE_EVERY_MS = 60_000;

const reportedAt = new Map<string, number>();
/** Clusters whose last report is remembered. */
const REPORTED_MAX = 100;

function report(id: string) {
  const now = Date.now();
  if (now - (reportedAt.get(id) ?? Number.NEGATIVE_INFINITY) < ACTIVE_EVERY_MS) return;
  if (reportedAt.size >= REPORTED_MAX) reportedAt.clear();
  reportedAt.set(id, now);
  // The next report comes soon: one that is lost does no harm.
  api.markActive(id).catch(() => undefined);
}

const isSeen = () => !document.hidden && document.hasFocus();

export function useActive(id: string, enabled: boolean) {
  useEffect(() => {
    if (!enabled) return;
    const reportIfSeen = () => isSeen() && report(id);
    reportIfSeen();
    const timer = setInterval(reportIfSeen, ACTIVE_EVERY_MS);
    window.addEventListener('focus', reportIfSeen);
    document.addEventListener('visibilitychange', reportIfSeen);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', reportIfSeen);
      document.removeEventListener('visibilitychange', reportIfSeen);
    };
  }, [id, enabled]);
}
