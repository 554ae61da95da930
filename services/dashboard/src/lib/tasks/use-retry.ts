// Retries a failed task; the steps that are done stay done.
import { useMutation } from '@tanstack/react-query';
import { api } from '@/lib/api/client';
import { useLive } from '@/lib/live';

export function useRetry(taskId: string, onFollow?: (taskId: string) => void) {
  const { cache } = useLive();
  return useMutation({
    mutationFn: () => api.retryTask(taskId),
    onSuccess: (accepted) => {
      cache.accept(accepted);
      onFollow?.(accepted.value.task.id);
    },
  });
}
