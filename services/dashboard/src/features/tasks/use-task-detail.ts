// One task with its logs: read once, read again when an event tells of something newer, and every
// few seconds only while no events arrive.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { pollWhile, useConnected, useEvents, useLive } from '@/features/clusters/live';
import { api } from '@/lib/api/client';
import type { Task } from '@/lib/api/types';
import { useTaskMonitoring } from '@/lib/events/hooks';
import { newer, taskKey } from './cache';
import { isOpen } from './words';

export function useTaskDetail(id: string) {
  const queries = useQueryClient();
  const connected = useConnected();
  /** The newest version whose log was read or asked for. */
  const read = useRef(0);
  const query = useQuery<Task>({
    queryKey: taskKey(id),
    queryFn: async ({ signal }) => {
      const told = await api.task(id, signal);
      read.current = Math.max(read.current, told.version);
      return newer(queries.getQueryData<Task>(taskKey(id)), told);
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchInterval: (query) => {
      const { data } = query.state;
      return data && !isOpen(data) ? false : pollWhile(connected)(query);
    },
  });
  const { data, isFetching, refetch } = query;

  useEffect(() => {
    if (!data || isFetching || data.version <= read.current) return;
    read.current = data.version;
    void refetch();
  }, [data, isFetching, refetch]);

  // Its own room tells of it, whatever the lists are about.
  const { cache } = useLive();
  const { onTaskProgress, onReset } = useTaskMonitoring(id);
  useEffect(() => onTaskProgress((event) => cache.tasks.hear(event)), [cache, onTaskProgress]);
  useEffect(() => onReset(() => void refetch()), [onReset, refetch]);

  // Its place in the queue changes when others move, of which only their events tell.
  useEvents((event) => {
    const moves = event.type === 'task.changed' || event.type === 'task.created';
    if (moves && event.task_id !== id && data?.status === 'pending') void refetch();
  });
  return query;
}
