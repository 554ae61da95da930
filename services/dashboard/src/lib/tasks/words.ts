// Tasks in words, and the mark of each of their states.
import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconLoader2,
  IconQuestionMark,
} from '@tabler/icons-react';
import type { Reason, Step, Task, TaskKind, TaskStatus, TaskStep } from '@/lib/api/types';
import type { Look } from '@/lib/look';

const KINDS: Partial<Record<TaskKind, string>> = {
  create: 'Create',
  start: 'Start',
  stop: 'Stop',
  delete: 'Delete',
};
export const TASK_KINDS = ['create', 'start', 'stop', 'delete'] as const;

/** A kind of a later version than this page is shown by its own word. */
export const kindWord = (kind: TaskKind): string => KINDS[kind] ?? kind;

const STATUSES: Partial<Record<TaskStatus, { word: string; look: Look }>> = {
  pending: { word: 'Pending', look: { icon: IconClock, tone: 'gray' } },
  in_progress: { word: 'In progress', look: { icon: IconLoader2, tone: 'blue', turns: true } },
  completed: { word: 'Completed', look: { icon: IconCircleCheck, tone: 'green' } },
  failed: { word: 'Failed', look: { icon: IconCircleX, tone: 'red' } },
  cancelled: { word: 'Canceled', look: { icon: IconBan, tone: 'orange' } },
};
export const TASK_STATUSES = [
  'pending',
  'in_progress',
  'completed',
  'failed',
  'cancelled',
] as const;

export const statusOf = (status: TaskStatus): { word: string; look: Look } =>
  STATUSES[status] ?? { word: status, look: { icon: IconQuestionMark, tone: 'gray' } };

const STEPS: Partial<Record<Step, string>> = {
  prepare: 'Preparing network and volumes',
  create: 'Creating the node',
  start: 'Starting the node',
  ready: 'Waiting for Kubernetes',
  stop: 'Stopping the node',
  remove: 'Removing all resources',
};

export const stepWords = (step: Step): string => STEPS[step] ?? step;

const STEPS_OF: Partial<Record<TaskKind, Step[]>> = {
  create: ['prepare', 'create', 'start', 'ready'],
  start: ['start', 'ready'],
  stop: ['stop'],
  delete: ['remove'],
};

export const stepsOf = (kind: TaskKind): Step[] => STEPS_OF[kind] ?? [];

export const isOpen = (task: Task) => task.status === 'pending' || task.status === 'in_progress';

/** Stops and deletes cannot be cancelled: they cannot be undone half-way. */
export const canCancel = (task: Task) =>
  isOpen(task) && (task.kind === 'create' || task.kind === 'start');

/** The steps it has had, and those still to come, in order. */
export function allSteps(task: Task): { step: Step; done?: TaskStep }[] {
  const planned = stepsOf(task.kind);
  const had = task.steps.map((done) => ({ step: done.step, done }));
  if (!isOpen(task)) return had;
  const last = task.steps.at(-1);
  const coming = planned.slice(last ? planned.indexOf(last.step) + 1 : 0);
  return [...had, ...coming.map((step) => ({ step }))];
}

export function stateOfStep(task: Task, done: TaskStep | undefined): TaskStatus {
  if (!done) return 'pending';
  if (done.ended_at) return done.reason ? 'failed' : 'completed';
  if (task.status === 'in_progress') return 'in_progress';
  return task.status === 'completed' ? 'completed' : task.status;
}

/** Who asked for it. */
export function askedBy(task: Task, user: string): string {
  if (!task.created_by) return 'labyard';
  return task.created_by === user ? 'you' : 'someone else';
}

/** Whether the same task may work when it is tried again. */
export const canRetry = (task: Task) =>
  task.status === 'failed' && task.failure?.retryable !== false;

/** The one thing that this reader can do about a failure; what a host needs is not for everyone. */
export function nextStep(task: Task | undefined, reason: Reason, administrator: boolean): string {
  if (task?.failure?.by !== 'platform' || administrator) return reason.fix;
  return canRetry(task)
    ? 'Retry. If the task fails again, ask your administrator to fix this.'
    : 'Ask your administrator to fix this.';
}
