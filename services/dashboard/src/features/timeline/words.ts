// Events of a cluster in words: what changed is told by the event before it, and a task by one line.
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
import type { Look } from '@/components/tone-badge';
import { kindWord, statusOf, stepWords } from '@/features/tasks/words';
import type { Cluster, Event, Task, TaskKind } from '@/lib/api/types';
import { statusWord } from '@/lib/status';
import { clockTime, duration, moment, span } from '@/lib/time/format';

export interface Told {
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

/** Who somebody is, in words; nobody is labyard itself. */
export type WhoIs = (user: string | null | undefined) => string;

/** Who else it was is told where their names are known. */
export const whoIs =
  (self: string, names?: ReadonlyMap<string, string>): WhoIs =>
  (user) => {
    if (!user) return 'labyard';
    return user === self ? 'you' : (names?.get(user) ?? 'someone else');
  };

/** Nothing where nothing that a person would see has changed. */
export function tell(event: Event, before: Cluster | undefined, who: WhoIs): Told | undefined {
  const cluster = clusterOf(event);
  const task = taskOf(event);
  if (task) return tellTask(event, task, who);
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
      return tellChange(cluster, before);
  }
}

function tellChange(now: Cluster, before: Cluster | undefined): Told | undefined {
  if (now.status !== before?.status) return tellStatus(now);
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

function tellStatus(now: Cluster): Told {
  const told = { words: statusWord(now.status), detail: now.reason?.message };
  switch (now.status) {
    case 'RUNNING':
      return { ...told, look: LOOK.good };
    case 'ERROR':
      return { ...told, look: LOOK.bad };
    case 'DELETING':
    case 'DELETED':
      return { ...told, look: LOOK.gone };
    case 'STOPPED':
      return { ...told, look: LOOK.rest };
    default:
      return { ...told, look: LOOK.other };
  }
}

function tellTask(event: Event, task: Task, who: WhoIs): Told {
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
function tellWhole(task: Task, who: WhoIs): Told {
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

export interface Line extends Told {
  /** The same while a task's line grows. */
  key: string;
  /** The newest that it tells of. */
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
    const told = all.map(({ event }) => taskOf(event)).find(Boolean);
    return told
      ? { ...line, ...tellWhole(told, who), small: false, key: told.id, parts: all }
      : all;
  });
}

/** Every event that tells something, newest first, with the task it is part of. */
function eachOf(events: Event[], who: WhoIs): { line: Line; task?: string }[] {
  const ended = new Set(events.filter(isEndOfStep).map(stepOf));
  // Read from the oldest on: what changed is told by what was told of the same cluster before.
  const before = new Map<string, Cluster>();
  const lines: { line: Line; task?: string }[] = [];
  for (const event of events.toReversed()) {
    const cluster = clusterOf(event);
    const known = cluster && before.get(cluster.id);
    if (cluster) before.set(cluster.id, cluster);
    // That a step began is news only until it has ended.
    if (event.type === 'task.step_began' && ended.has(stepOf(event))) continue;
    const told = tell(event, known, who);
    if (told) lines.push({ line: { ...told, event, key: event.id }, task: partOf(event, known) });
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

/** Of which task, and which of its steps, an event tells. */
function stepOf(event: Event): string {
  const steps = taskOf(event)?.steps ?? [];
  const step = isEndOfStep(event) ? steps.findLast((one) => one.ended_at) : steps.at(-1);
  return `${event.task_id} ${step?.step} ${step?.started_at}`;
}

/** What was heard, then what was read, each once, newest first. */
export function join(heard: Event[], read: Event[]): Event[] {
  const known = new Set(read.map(({ id }) => id));
  return [...heard.filter(({ id }) => !known.has(id)), ...read];
}
