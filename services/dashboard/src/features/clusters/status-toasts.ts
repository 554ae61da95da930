// Shows a toast when a cluster is ready, failed, expired or was deleted, however the page learnt of it.
import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import type { Cluster } from '@/lib/api/types';
import { useClusterList } from '@/lib/clusters/cache';
import { useLive } from '@/lib/live';

interface Toast {
  title: string;
  message: string;
  color: string;
  /** Errors stay until they are closed. */
  stays?: boolean;
}

function toastOfChange(before: Cluster, now: Cluster): Toast | undefined {
  if (before.status === now.status) return undefined;
  if (now.status === 'RUNNING') {
    return {
      title: `${now.name} is running`,
      message: 'Ready for commands and kubectl.',
      color: 'green',
    };
  }
  if (now.status === 'ERROR') {
    const reason = now.reason;
    return {
      title: `${now.name} failed`,
      message: reason?.message ?? 'Open the cluster to see the cause.',
      color: 'red',
      stays: true,
    };
  }
  if (now.status === 'DELETING' && now.reason?.code === 'expired') {
    return { title: `${now.name} expired`, message: now.reason.message, color: 'orange' };
  }
  return undefined;
}

function toastOfEnd(before: Cluster, expired: boolean): Toast {
  return expired
    ? { title: `${before.name} was deleted`, message: 'The cluster expired.', color: 'orange' }
    : {
        title: `${before.name} was deleted`,
        message: 'Everything in it was removed.',
        color: 'gray',
      };
}

/** What to say when one list follows another. */
function toastsBetween(
  before: Cluster[],
  now: Cluster[],
  reasonOfEnd: (id: string) => string | undefined,
): Toast[] {
  return before.flatMap((old) => {
    const next = now.find((cluster) => cluster.id === old.id);
    if (next) return toastOfChange(old, next) ?? [];
    return toastOfEnd(old, (reasonOfEnd(old.id) ?? old.reason?.code) === 'expired');
  });
}

export function StatusToasts() {
  const { cache } = useLive();
  const clusters = useClusterList(cache).data?.items;
  const before = useRef<Cluster[] | undefined>(undefined);
  useEffect(() => {
    if (clusters && before.current) {
      const code = (id: string) => cache.latest.get(id)?.cluster?.reason?.code;
      for (const { stays, ...toast } of toastsBetween(before.current, clusters, code)) {
        notifications.show({ ...toast, autoClose: stays ? false : 6_000 });
      }
    }
    before.current = clusters ?? before.current;
  }, [clusters, cache]);
  return null;
}
