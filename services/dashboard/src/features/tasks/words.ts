// Tasks in words, and the mark of each of their states.
import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconLoader2,
  IconQuestionMark,
} from '@tabler/icons-react';
import type { Look } from '@/components/tone-badge';
import type { Step, Task, TaskKind, TaskStatus, TaskStep } from '@/lib/api/types';

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
  cancelled: { word: 'Cancelled', look: { icon: IconBan, tone: 'orange' } },
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
  create: 'Making the node',
  start: 'Starting the node',
  ready: 'Waiting for Kubernetes',
  stop: 'Stopping the node',
  remove: 'Removing everything it had',
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

/** A stop or a delete cannot be cancelled: what it ends cannot be brought back half-way. */
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
  if (!task.created_by) return 'labyard itself';
  return task.created_by === user ? 'you' : 'a colleague';
}

/** Who can do something about a failure. */
export function whoCanFix(task: Task): string | undefined {
  if (task.failure?.by === 'user') return 'You can fix this';
  if (task.failure?.by === 'platform') return 'Whoever runs this labyard has to fix this';
  return undefined;
}
