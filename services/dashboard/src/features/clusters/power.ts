// Starts and stops a cluster.
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { api, type Positioned } from '@/lib/api/client';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Accepted, Cluster } from '@/lib/api/types';
import { useLive } from '@/lib/live';

function usePower(
  cluster: Cluster,
  send: (id: string) => Promise<Positioned<Accepted>>,
  verb: string,
) {
  const { cache } = useLive();
  return useMutation({
    mutationFn: () => send(cluster.id),
    onSuccess: (accepted) => cache.accept(accepted),
    onError: (thrown) =>
      notifications.show({
        color: 'red',
        title: `Couldn’t ${verb} ${cluster.name}`,
        message: inOneLine(toApiError(thrown)),
      }),
  });
}

export const useStart = (cluster: Cluster) => usePower(cluster, api.startCluster, 'start');

export const useStop = (cluster: Cluster) => usePower(cluster, api.stopCluster, 'stop');
