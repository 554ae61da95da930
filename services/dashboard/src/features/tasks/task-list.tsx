// Tasks, newest first, each with its progress and its time; a click opens one.
import { Button, Paper, Progress, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge, ToneMark } from '@/components/tone-badge';
import type { TaskFilter } from '@/lib/api/client';
import type { Task } from '@/lib/api/types';
import { pollWhile, useConnected, useLive } from '@/lib/live';
import { tasksQuery } from '@/lib/tasks/cache';
import { askedBy, isOpen, kindWord, statusOf, stepWords } from '@/lib/tasks/words';
import { age, exact, span, waiting } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './task-list.module.css';

export function TaskList(props: {
  filter: TaskFilter;
  onOpen: (taskId: string) => void;
  empty: ReactNode;
}) {
  const connected = useConnected();
  const list = useInfiniteQuery({
    ...tasksQuery(props.filter),
    refetchInterval: pollWhile(connected),
  });
  const tasks = list.data?.pages.flatMap((page) => page.items);
  return (
    <>
      {list.error && (
        <div className={classes.problem}>
          <ProblemAlert
            error={list.error}
            busy={list.isFetching}
            onRetry={() => void list.refetch()}
          />
        </div>
      )}
      {!tasks && !list.error && <TaskListSkeleton />}
      {tasks?.length === 0 && props.empty}
      {tasks && tasks.length > 0 && (
        <Paper withBorder radius="lg" className={classes.frame}>
          <ul className={classes.list} aria-label="Tasks, newest first">
            {tasks.map((task) => (
              <TaskRow key={task.id} task={task} onOpen={props.onOpen} />
            ))}
          </ul>
        </Paper>
      )}
      {list.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Load older
          </Button>
        </div>
      )}
    </>
  );
}

function TaskRow({ task, onOpen }: { task: Task; onOpen: (taskId: string) => void }) {
  const { user } = useLive();
  const { look, word } = statusOf(task.status);
  return (
    <li>
      <button
        type="button"
        className={classes.row}
        onClick={() => onOpen(task.id)}
        data-testid={`task-${task.id}`}
        data-status={task.status}
      >
        <ToneMark look={look} size={20} />
        <span className={classes.what}>
          <span className={classes.name}>
            {kindWord(task.kind)} {task.cluster_name}
          </span>
          <span className={classes.detail}>{detail(task)}</span>
        </span>
        <span className={classes.bar}>
          {isOpen(task) && (
            <Progress
              value={Math.max(task.percent, 4)}
              size={5}
              radius="xl"
              animated={task.status === 'in_progress'}
              aria-label={`Progress of ${kindWord(task.kind).toLowerCase()} ${task.cluster_name}`}
            />
          )}
        </span>
        <span className={classes.badge}>
          <ToneBadge look={look} word={word} />
        </span>
        <span className={classes.when}>
          <When task={task} />
          <span className={classes.by}>by {askedBy(task, user)}</span>
        </span>
      </button>
    </li>
  );
}

/** The one thing worth knowing beside its state. */
function detail(task: Task): string {
  if (task.queue && task.status === 'pending') return waiting(task.queue);
  if (task.reason && task.status !== 'completed') return task.reason.message;
  const step = task.steps.findLast((one) => !one.ended_at) ?? task.steps.at(-1);
  if (isOpen(task)) return step ? stepWords(step.step) : 'Waiting for a host';
  const began = Date.parse(task.started_at ?? task.created_at);
  return task.ended_at ? `Took ${span(Date.parse(task.ended_at) - began)}` : '';
}

function When({ task }: { task: Task }) {
  const now = useNow();
  return (
    <time dateTime={task.created_at} title={exact(task.created_at)}>
      {age(now - Date.parse(task.created_at))}
    </time>
  );
}

function TaskListSkeleton() {
  return (
    <Paper
      withBorder
      radius="lg"
      className={classes.frame}
      role="status"
      aria-label="Loading tasks"
    >
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className={classes.bones}>
          <Skeleton circle height={20} />
          <Skeleton height={16} width="30%" />
          <Skeleton height={22} width={110} radius="xl" ml="auto" />
        </div>
      ))}
    </Paper>
  );
}
