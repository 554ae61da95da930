// Tasks in the query cache: read once, then patched by events; one entry a task, and the lists.
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  skipToken,
  useQuery,
} from '@tanstack/react-query';
import { api, type TaskFilter } from '@/lib/api/client';
import type { Event, Page, Task } from '@/lib/api/types';
import { patchPages } from './changes';

const LISTS = 'tasks';
export const taskKey = (id: string) => ['task', id] as const;

export type TaskPages = InfiniteData<Page<Task>, string | undefined>;

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: [LISTS, filter] as const,
    queryFn: ({ pageParam, signal }) => api.tasks(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Task>) => page.next_cursor ?? undefined,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export class TaskCache {
  constructor(private readonly queries: QueryClient) {}

  get(id: string): Task | undefined {
    return this.queries.getQueryData<Task>(taskKey(id));
  }

  onEvent(event: Event) {
    if (isTask(event)) this.put(event.data);
  }

  put(task: Task) {
    this.queries.setQueryData<Task>(taskKey(task.id), (known) => newer(known, task));
    for (const [key, pages] of this.queries.getQueriesData<TaskPages>({ queryKey: [LISTS] })) {
      const next = pages && patchPages(pages, task, key[1] as TaskFilter);
      if (next && next !== pages) this.queries.setQueryData(key, next);
    }
  }

  /** Events are lost: everything is read again where it is shown. */
  reset() {
    void this.queries.invalidateQueries({ queryKey: [LISTS] });
    void this.queries.invalidateQueries({ queryKey: ['task'] });
  }
}

/** The newer of two states of a task; logs are in answers only, and must outlive an event. */
export function newer(known: Task | undefined, received: Task): Task {
  if (!known) return received;
  if (known.version > received.version) return withLogs(known, received);
  return withLogs(received, known);
}

function withLogs(task: Task, other: Task): Task {
  const steps = task.steps.map((step) => {
    const log = other.steps.find((one) => one.step === step.step)?.log;
    return log && log.length > (step.log?.length ?? 0) ? { ...step, log } : step;
  });
  return { ...task, steps };
}

function isTask(event: Event): event is Event & { data: Task } {
  const { data } = event;
  return (
    event.type.startsWith('task.') &&
    typeof data === 'object' &&
    data !== null &&
    'steps' in data &&
    'id' in data
  );
}

/** A task as far as it is known; never fetched from here. */
export function useTask(id: string | null | undefined): Task | undefined {
  return useQuery<Task>({ queryKey: taskKey(id ?? ''), queryFn: skipToken }).data;
}
