// One task with its logs: read once, read again when an event has a newer version, and every few
// seconds only while no events arrive.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '@/lib/api/client';
import type { Task } from '@/lib/api/types';
import { useTaskMonitoring } from '@/lib/events/hooks';
import { pollWhile, useConnected, useEvents, useLive } from '@/lib/live';
import { newer, taskKey } from '@/lib/tasks/cache';
import { isOpen } from '@/lib/tasks/words';

export function useTaskDetail(id: string) {
  const queries = useQueryClient();
  const connected = useConnected();
  /** The newest version whose log was read or asked for. */
  const read = useRef(0);
  const query = useQuery<Task>({
    queryKey: taskKey(id),
    queryFn: async ({ signal }) => {
      const answer = await api.task(id, signal);
      read.current = Math.max(read.current, answer.version);
      return newer(queries.getQueryData<Task>(taskKey(id)), answer);
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

  // Its own topic has its events, whatever the lists are about.
  const { cache } = useLive();
  const { onTaskProgress, onReset } = useTaskMonitoring(id);
  useEffect(() => onTaskProgress((event) => cache.tasks.onEvent(event)), [cache, onTaskProgress]);
  useEffect(() => onReset(() => void refetch()), [onReset, refetch]);

  // Its place in the queue changes when others move, and only their events say so.
  useEvents((event) => {
    const moves = event.type === 'task.changed' || event.type === 'task.created';
    if (moves && event.task_id !== id && data?.status === 'pending') void refetch();
  });
  return query;
}
