// How far the open task of a cluster is, in the words of its steps.
import { Progress, Text } from '@mantine/core';
import type { Cluster, Task } from '@/lib/api/types';
import { useTask } from '@/lib/tasks/cache';
import { stepsOf, stepWords } from '@/lib/tasks/words';
import { duration, waiting } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './progress.module.css';

/** The line to show for a task, or nothing when it has ended. */
export function progressOf(task: Task | undefined): { words: string; percent: number } | undefined {
  if (!task || (task.status !== 'pending' && task.status !== 'in_progress')) return undefined;
  const steps = stepsOf(task.kind);
  const open = task.steps.findLast((step) => !step.ended_at);
  const done = task.steps.filter((step) => step.ended_at && !step.reason).at(-1);
  if (task.status === 'pending' && task.steps.length === 0) {
    const words = task.queue ? waiting(task.queue) : (task.reason?.message ?? 'Waiting for a host');
    return { words, percent: task.percent };
  }
  const step = open?.step ?? done?.step;
  if (!step) return { words: 'Assigned to a host', percent: task.percent };
  const place = steps.indexOf(step) + 1;
  const words = stepWords(step);
  return {
    words: steps.length > 1 && place > 0 ? `${words} · ${place} of ${steps.length}` : words,
    percent: task.percent,
  };
}

export function TaskProgress({ cluster }: { cluster: Cluster }) {
  const task = useTask(cluster.task_id);
  const now = useNow();
  if (!cluster.task_id) return null;
  const progress = progressOf(task);
  if (!progress) return null;
  const since = task?.started_at ?? task?.created_at;
  return (
    <div className={classes.progress} data-testid={`progress-${cluster.name}`}>
      <Progress
        value={Math.max(progress.percent, 6)}
        size={5}
        radius="xl"
        animated
        aria-label={`Progress of ${cluster.name}`}
        color={task?.kind === 'delete' ? 'orange' : 'yard'}
      />
      <Text size="xs" c="dimmed" mt={5}>
        {progress.words}
        {since && ` · ${duration(now - Date.parse(since))}`}
      </Text>
      {task?.reason && task.status === 'in_progress' && (
        <Text size="xs" className={classes.why}>
          {task.reason.message} {task.reason.fix}
        </Text>
      )}
    </div>
  );
}
