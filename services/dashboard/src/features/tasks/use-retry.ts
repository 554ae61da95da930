// Tries a failed task once more; its steps that were done stay done.
import { useMutation } from '@tanstack/react-query';
import { useLive } from '@/features/clusters/live';
import { api } from '@/lib/api/client';

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
