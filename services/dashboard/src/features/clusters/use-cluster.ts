// One cluster by its ID: from the live list, else read; once it is gone, its last state.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/lib/api/client';
import type { Cluster } from '@/lib/api/types';
import { useClusterList } from '@/lib/clusters/cache';
import { useLive } from '@/lib/live';

export function useCluster(id: string) {
  const { cache } = useLive();
  const list = useClusterList(cache);
  const listed = list.data?.items.find((cluster) => cluster.id === id);
  const [last, setLast] = useState<Cluster | undefined>(listed);
  if (listed && listed !== last) setLast(listed);
  const known = last?.id === id ? last : undefined;
  // Not in the list: deleted, or on none of the pages that were read.
  const asked = useQuery({
    queryKey: ['cluster', id],
    queryFn: async () => (await api.cluster(id)).value,
    enabled: list.data !== undefined && !known,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const gone =
    list.data && !listed && known ? ended(known, cache.latest.get(id)?.cluster) : undefined;
  return {
    cluster: listed ?? gone ?? asked.data,
    error: asked.error ?? (list.data ? null : list.error),
    busy: asked.isFetching || list.isFetching,
    retry: () => void (list.data ? asked.refetch() : list.refetch()),
  };
}

const ended = (known: Cluster, last: Cluster | undefined): Cluster => ({
  ...known,
  ...last,
  status: 'DELETED',
  task_id: null,
});
