// One task, followed until it ends: its progress, its steps, its failure, cancel and retry.
import { Progress, Skeleton, Text } from '@mantine/core';
import { IconHourglass, IconTool } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Note } from '@/components/note';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge, ToneMark } from '@/components/tone-badge';
import { isGone } from '@/lib/api/problem';
import type { Reason, Task } from '@/lib/api/types';
import { useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { askedBy, isOpen, kindWord, nextStep, statusOf } from '@/lib/tasks/words';
import { moment, span, waiting } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { StepList } from './step-list';
import { TaskActions } from './task-actions';
import classes from './task-monitor.module.css';
import { useTaskDetail } from './use-task-detail';

export interface TaskMonitorProps {
  taskId: string;
  /** Called once, as soon as the page knows that the task has completed. */
  onComplete?: (task: Task) => void;
  /** Called once, with why, as soon as the page knows that the task has failed. */
  onError?: (error: Reason, task: Task) => void;
  /** Another task replaces this one: a retry, or the deletion that a cancel began. */
  onFollow?: (taskId: string) => void;
  /** The page around it shows the failure, with a button to retry. */
  failureShown?: boolean;
}

const NO_REASON: Reason = { code: 'unknown', message: 'The cause is unknown.', fix: 'Try again.' };

export function TaskMonitor(props: TaskMonitorProps) {
  const { taskId, onFollow, failureShown } = props;
  const { data: task, error, isFetching, refetch } = useTaskDetail(taskId);
  useEnd(task, props);
  if (!task && error) {
    return (
      <ProblemAlert
        error={error}
        title={isGone(error) ? 'Task not found' : undefined}
        busy={isFetching}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!task) return <MonitorSkeleton />;
  return (
    <section
      className={classes.monitor}
      aria-label={`${kindWord(task.kind)} ${task.cluster_name}`}
      data-testid={`task-monitor-${task.cluster_name}`}
      data-status={task.status}
    >
      <Head task={task} />
      <Waiting task={task} />
      {!failureShown && <Failure task={task} />}
      <StepList task={task} />
      {error && <ProblemAlert error={error} title="This may be out of date" />}
      <Facts task={task} />
      <TaskActions task={task} onFollow={onFollow} failureShown={failureShown} />
    </section>
  );
}

function useEnd(task: Task | undefined, { onComplete, onError }: TaskMonitorProps) {
  const reported = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (!task || isOpen(task) || reported.current === task.id) return;
    reported.current = task.id;
    if (task.status === 'completed') onComplete?.(task);
    if (task.status === 'failed') onError?.(task.reason ?? NO_REASON, task);
  }, [task, onComplete, onError]);
}

function Head({ task }: { task: Task }) {
  const { look, word } = statusOf(task.status);
  const percent = task.status === 'completed' ? 100 : task.percent;
  return (
    <>
      <div className={classes.head}>
        <ToneMark look={look} size={26} />
        <div className={classes.title}>
          <Text fw={650}>
            {kindWord(task.kind)} {task.cluster_name}
          </Text>
          <Took task={task} />
        </div>
        <ToneBadge look={look} word={word} testId="task-status" />
      </div>
      <div className={classes.bar}>
        <Progress
          value={Math.max(percent, isOpen(task) ? 3 : 0)}
          size={8}
          radius="xl"
          animated={task.status === 'in_progress'}
          color={`var(--tone-${task.status === 'pending' ? 'gray' : look.tone}-fg)`}
          aria-label={`Progress of ${kindWord(task.kind).toLowerCase()} ${task.cluster_name}`}
        />
        <span className={classes.percent} data-testid="task-percent">
          {percent}%
        </span>
      </div>
      <span className="visually-hidden" role="status">
        {kindWord(task.kind)} {task.cluster_name}: {word}
      </span>
    </>
  );
}

function Took({ task }: { task: Task }) {
  const now = useNow();
  const began = Date.parse(task.started_at ?? task.created_at);
  const end = task.ended_at ? Date.parse(task.ended_at) : now;
  const words = isOpen(task) ? (task.started_at ? 'running for' : 'waiting for') : 'took';
  return (
    <Text size="sm" c="dimmed" className={classes.took}>
      {words} {span(end - began)}
    </Text>
  );
}

function Waiting({ task }: { task: Task }) {
  if (!isOpen(task)) return null;
  if (!task.queue && !task.reason) return null;
  return (
    <Note tone="orange" role="status" icon={<IconHourglass aria-hidden />} p="sm">
      {task.queue && (
        <Text size="sm" fw={600} data-testid="task-queue">
          {waiting(task.queue)}
        </Text>
      )}
      {task.reason && (
        <Text size="sm">
          {task.reason.message} {task.reason.fix}
        </Text>
      )}
    </Note>
  );
}

function Failure({ task }: { task: Task }) {
  const { user } = useMe();
  if (task.status !== 'failed') return null;
  const reason = task.reason ?? NO_REASON;
  return (
    <Note tone="red" role="alert" icon={<IconTool aria-hidden />} title={reason.message} p="sm">
      <Text size="sm">{nextStep(task, reason, user.is_admin)}</Text>
    </Note>
  );
}

function Facts({ task }: { task: Task }) {
  const { user } = useLive();
  return (
    <Text size="xs" c="dimmed" className={classes.facts}>
      Requested by {askedBy(task, user)}, {moment(task.created_at)}
      {task.attempt > 1 && ` · ${task.attempt} attempts`}
      {task.retry_of && ' · a retry'} · <span className="mono">{task.id}</span>
    </Text>
  );
}

function MonitorSkeleton() {
  return (
    <div className={classes.monitor} role="status" aria-label="Loading the task">
      <Skeleton height={26} width="60%" />
      <Skeleton height={8} />
      <Skeleton height={14} width="75%" />
      <Skeleton height={14} width="70%" />
      <Skeleton height={14} width="72%" />
    </div>
  );
}
