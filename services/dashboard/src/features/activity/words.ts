// Events in words: a change by comparison with the cluster's event before it, a task as one line.
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClockExclamation,
  IconClockPlus,
  IconPencil,
  IconPlayerPause,
  IconPlugConnectedX,
  IconPlus,
  IconServer,
  IconTrash,
  IconUsers,
  IconZzz,
} from '@tabler/icons-react';
import type { Cluster, Event, Task, TaskKind } from '@/lib/api/types';
import type { Look } from '@/lib/look';
import { kindWord, statusOf, stepWords } from '@/lib/tasks/words';
import { clockTime, duration, moment, span } from '@/lib/time/format';
import { statusWord } from '@/lib/words';

interface Description {
  words: string;
  detail?: string;
  look: Look;
  /** Of lesser weight: a step among others. */
  small?: boolean;
}

const LOOK = {
  plus: { icon: IconPlus, tone: 'blue' },
  good: { icon: IconCircleCheck, tone: 'green' },
  rest: { icon: IconPlayerPause, tone: 'gray' },
  bad: { icon: IconAlertTriangle, tone: 'red' },
  gone: { icon: IconTrash, tone: 'orange' },
  host: { icon: IconServer, tone: 'gray' },
  lost: { icon: IconPlugConnectedX, tone: 'orange' },
  time: { icon: IconClockPlus, tone: 'gray' },
  soon: { icon: IconClockExclamation, tone: 'orange' },
  idle: { icon: IconZzz, tone: 'orange' },
  people: { icon: IconUsers, tone: 'gray' },
  other: { icon: IconPencil, tone: 'gray' },
} satisfies Record<string, Look>;

/** A user in words; without one it was labyard itself. */
export type WhoIs = (user: string | null | undefined) => string;

/** Others are named where their names are known. */
export const whoIs =
  (self: string, names?: ReadonlyMap<string, string>): WhoIs =>
  (user) => {
    if (!user) return 'labyard';
    return user === self ? 'you' : (names?.get(user) ?? 'someone else');
  };

/** `undefined` where nothing changed that a person would see. */
function describe(event: Event, before: Cluster | undefined, who: WhoIs): Description | undefined {
  const cluster = clusterOf(event);
  const task = taskOf(event);
  if (task) return describeTask(event, task, who);
  if (event.type === 'organization.changed') {
    return {
      words: 'Organization updated',
      detail: 'People, workspaces or settings',
      look: LOOK.people,
    };
  }
  if (!cluster) return { words: event.type, look: LOOK.other, small: true };
  switch (event.type) {
    case 'cluster.created':
      return {
        words: `Created by ${who(cluster.created_by)}`,
        detail: `Kubernetes ${cluster.k8s_version}`,
        look: LOOK.plus,
      };
    case 'cluster.expiring': {
      const left = Date.parse(cluster.expires_at) - Date.parse(event.time);
      return {
        words: `Auto-deletes in ${duration(left + 30_000)}`,
        detail: `At ${clockTime(cluster.expires_at)} unless extended`,
        look: LOOK.soon,
      };
    }
    case 'cluster.idling':
      return {
        words: 'Stops soon: not in use',
        detail: cluster.idle ? `At ${clockTime(cluster.idle.stops_at)}` : undefined,
        look: LOOK.idle,
      };
    default:
      return describeChange(cluster, before);
  }
}

function describeChange(now: Cluster, before: Cluster | undefined): Description | undefined {
  if (now.status !== before?.status) return describeStatus(now);
  if (now.health !== before.health) {
    return now.health === 'UNREACHABLE'
      ? { words: 'No contact with the host', look: LOOK.lost }
      : { words: 'Contact with the host restored', look: LOOK.good };
  }
  if (now.expires_at !== before.expires_at) {
    return { words: `Expiry moved to ${moment(now.expires_at)}`, look: LOOK.time };
  }
  if (now.auto_stop_minutes !== before.auto_stop_minutes) {
    return {
      words: now.auto_stop_minutes
        ? `Auto-stop set to ${duration(now.auto_stop_minutes * 60_000)}`
        : 'Auto-stop turned off',
      look: LOOK.time,
    };
  }
  if (now.host !== before.host && now.host) {
    return { words: `Assigned to ${now.host}`, look: LOOK.host };
  }
  if (now.reason && now.reason.code !== before.reason?.code) {
    return { words: now.reason.message, look: LOOK.other };
  }
  return undefined;
}

function describeStatus(now: Cluster): Description {
  const common = { words: statusWord(now.status), detail: now.reason?.message };
  switch (now.status) {
    case 'RUNNING':
      return { ...common, look: LOOK.good };
    case 'ERROR':
      return { ...common, look: LOOK.bad };
    case 'DELETING':
    case 'DELETED':
      return { ...common, look: LOOK.gone };
    case 'STOPPED':
      return { ...common, look: LOOK.rest };
    default:
      return { ...common, look: LOOK.other };
  }
}

function describeTask(event: Event, task: Task, who: WhoIs): Description {
  const kind = kindWord(task.kind);
  switch (event.type) {
    case 'task.created': {
      const { created_by, retry_of } = task;
      const did = retry_of ? `retried the ${kind.toLowerCase()}` : `requested ${wanted(task.kind)}`;
      return { words: `${subject(who(created_by))} ${did}`, look: statusOf('pending').look };
    }
    case 'task.step_began': {
      const step = task.steps.findLast((one) => !one.ended_at) ?? task.steps.at(-1);
      return {
        words: step ? `${stepWords(step.step)} …` : 'A step started',
        detail: step?.worker ?? undefined,
        look: statusOf('pending').look,
        small: true,
      };
    }
    case 'task.step_ended': {
      const step = task.steps.findLast((one) => one.ended_at);
      const ms = step?.ended_at ? Date.parse(step.ended_at) - Date.parse(step.started_at) : 0;
      const failed = step?.reason;
      return {
        words: step
          ? `${stepWords(step.step)}: ${failed ? 'failed' : `done in ${span(ms)}`}`
          : 'A step ended',
        detail: failed?.message ?? step?.worker ?? undefined,
        look: statusOf(failed ? 'failed' : 'completed').look,
        small: true,
      };
    }
    default: {
      const { word, look } = statusOf(task.status);
      const small = task.status === 'pending' || task.status === 'in_progress';
      return {
        words: small
          ? `${kind} ${task.status === 'pending' ? 'waiting' : 'assigned to a host'}`
          : `${kind} ${word.toLowerCase()}`,
        detail: task.status === 'completed' ? undefined : task.reason?.message,
        look: { ...look, turns: false },
        small,
      };
    }
  }
}

/** A task by one line: how it is now, at whose request. */
function describeWhole(task: Task, who: WhoIs): Description {
  const { word, look } = statusOf(task.status);
  const step = task.steps.findLast((one) => !one.ended_at);
  const began = Date.parse(task.started_at ?? task.created_at);
  const detail = [
    task.status === 'in_progress' ? step && stepWords(step.step) : undefined,
    task.status === 'completed' ? undefined : task.reason?.message,
    `Requested by ${who(task.created_by)}`,
    task.ended_at ? `took ${span(Date.parse(task.ended_at) - began)}` : undefined,
  ];
  return {
    words: `${kindWord(task.kind)} ${word.toLowerCase()}`,
    detail: detail.filter(Boolean).join(' · '),
    look: { ...look, turns: false },
  };
}

const WANTED: Partial<Record<TaskKind, string>> = {
  create: 'creation',
  start: 'a start',
  stop: 'a stop',
  delete: 'deletion',
};
const wanted = (kind: TaskKind) => WANTED[kind] ?? kind;

/** At the beginning of a sentence; labyard keeps its small letter. */
const subject = (who: string) =>
  who === 'labyard' ? who : who.charAt(0).toUpperCase() + who.slice(1);

export function clusterOf(event: Event): Cluster | undefined {
  const { data } = event;
  const fits = event.type.startsWith('cluster.') && typeof data === 'object' && data !== null;
  return fits && 'expires_at' in data ? (data as Cluster) : undefined;
}

function taskOf(event: Event): Task | undefined {
  const { data } = event;
  const fits = event.type.startsWith('task.') && typeof data === 'object' && data !== null;
  return fits && 'steps' in data ? (data as Task) : undefined;
}

export interface Line extends Description {
  /** The same while a task's line grows. */
  key: string;
  /** The newest that it is about. */
  event: Event;
  /** Of a task: each of its events, newest first. */
  parts?: Line[];
}

/** The lines of events that are given newest first: one for each task, where its newest event is. */
export function linesOf(events: Event[], who: WhoIs): Line[] {
  const lines = eachOf(events, who);
  const parts = new Map<string, Line[]>();
  for (const { line, task } of lines) {
    if (task !== undefined) parts.set(task, [...(parts.get(task) ?? []), line]);
  }
  return lines.flatMap(({ line, task }) => {
    const all = task === undefined ? undefined : parts.get(task);
    if (!all) return line;
    if (all[0] !== line) return [];
    const newest = all.map(({ event }) => taskOf(event)).find(Boolean);
    return newest
      ? { ...line, ...describeWhole(newest, who), small: false, key: newest.id, parts: all }
      : all;
  });
}

/** A line for each event that has one, newest first, with the task it is part of. */
function eachOf(events: Event[], who: WhoIs): { line: Line; task?: string }[] {
  const ended = new Set(events.filter(isEndOfStep).map(stepOf));
  // From the oldest on: a change is found by comparison with the same cluster before.
  const before = new Map<string, Cluster>();
  const lines: { line: Line; task?: string }[] = [];
  for (const event of events.toReversed()) {
    const cluster = clusterOf(event);
    const known = cluster && before.get(cluster.id);
    if (cluster) before.set(cluster.id, cluster);
    // That a step began is news only until it has ended.
    if (event.type === 'task.step_began' && ended.has(stepOf(event))) continue;
    const description = describe(event, known, who);
    if (description) {
      lines.push({ line: { ...description, event, key: event.id }, task: partOf(event, known) });
    }
  }
  return lines.reverse();
}

/** The task that an event is part of: its own, and what became of the cluster by it. */
function partOf(event: Event, before: Cluster | undefined): string | undefined {
  const now = clusterOf(event);
  if (!now) return taskOf(event)?.id;
  if (event.type !== 'cluster.changed') return undefined;
  const byOthers =
    before &&
    (now.expires_at !== before.expires_at ||
      now.auto_stop_minutes !== before.auto_stop_minutes ||
      now.health !== before.health);
  return byOthers ? undefined : (now.task_id ?? before?.task_id ?? undefined);
}

/** The name of the cluster that an event is about. */
export const clusterNameOf = (event: Event): string | undefined =>
  clusterOf(event)?.name ?? taskOf(event)?.cluster_name;

const isEndOfStep = ({ type }: Event) => type === 'task.step_ended';

/** Which step of which task an event is about. */
function stepOf(event: Event): string {
  const steps = taskOf(event)?.steps ?? [];
  const step = isEndOfStep(event) ? steps.findLast((one) => one.ended_at) : steps.at(-1);
  return `${event.task_id} ${step?.step} ${step?.started_at}`;
}

/** Events that arrived since the pages were read, then those of the pages: each once, newest first. */
export function join(arrived: Event[], read: Event[]): Event[] {
  const known = new Set(read.map(({ id }) => id));
  return [...arrived.filter(({ id }) => !known.has(id)), ...read];
}
