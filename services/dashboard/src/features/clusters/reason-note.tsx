// Why a cluster failed or waits: one cause, one next step, and the action that takes it.
import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Gated } from '@/components/gated';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Cluster, Reason, Task } from '@/lib/api/types';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import { tasksQuery, useTask } from '@/lib/tasks/cache';
import { useRetry } from '@/lib/tasks/use-retry';
import { canRetry, nextStep } from '@/lib/tasks/words';
import classes from './reason-note.module.css';

/** The reason to show; where a cluster waits in the queue, its progress says so already. */
export function useReason({ reason, task_id }: Cluster): Reason | null {
  const queued = useTask(task_id)?.queue;
  if (!reason || (queued && reason.code === 'queued')) return null;
  return reason;
}

/** The task that a cluster failed by, once it is known. */
function useFailedTask({ id, status }: Cluster): { task?: Task; known: boolean } {
  const failed = status === 'ERROR';
  const tasks = useInfiniteQuery({ ...tasksQuery({ cluster_id: id }), enabled: failed });
  const newest = tasks.data?.pages[0]?.items[0];
  return {
    task: failed && newest?.status === 'failed' ? newest : undefined,
    known: !failed || !tasks.isPending,
  };
}

export function ReasonNote({ cluster, reason }: { cluster: Cluster; reason: Reason }) {
  const failed = cluster.status === 'ERROR';
  const { task, known } = useFailedTask(cluster);
  const { user } = useMe();
  const Icon = failed ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={classes.note} data-failed={failed} data-testid={`reason-${cluster.name}`}>
      <Icon size={17} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        <Text size="sm" fw={600}>
          {reason.message}
        </Text>
        {known && <Text size="sm">{nextStep(task, reason, user.is_admin)}</Text>}
      </div>
      {task && canRetry(task) && <RetryButton cluster={cluster} task={task} />}
    </div>
  );
}

function RetryButton({ cluster, task }: { cluster: Cluster; task: Task }) {
  const retry = useRetry(task.id);
  return (
    <Gated reason={whyNot(useMe(), cluster, 'cluster_change')}>
      <Button
        size="xs"
        className={classes.action}
        leftSection={<IconRefresh size={16} aria-hidden />}
        aria-label={`Retry ${cluster.name}`}
        loading={retry.isPending}
        onClick={() =>
          retry.mutate(undefined, {
            onError: (thrown) =>
              notifications.show({
                color: 'red',
                title: `Couldn’t retry ${cluster.name}`,
                message: inOneLine(toApiError(thrown)),
              }),
          })
        }
      >
        Retry
      </Button>
    </Gated>
  );
}
