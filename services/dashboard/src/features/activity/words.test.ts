// Events in words.
import type { Cluster, Event } from '@/lib/api/types';
import { aCluster, aTask, aTaskEvent, eventOf } from '@/test/samples';
import { join, type Line, linesOf, whoIs } from './words';

let number = 0;
const names = new Map([['usr_2', 'Bo']]);
const of = (cluster: Cluster, type?: string): Event => {
  number += 1;
  return { ...eventOf(cluster, type), id: `evt_${number}` };
};
/** Given oldest first, shown newest first. */
const lines = (...events: Event[]) => linesOf([...events].reverse(), whoIs('usr_1', names));
const words = (...events: Event[]) => lines(...events).map((line) => line.words);
const parts = (line: Line | undefined) => line?.parts?.map((part) => part.words);

it('tells what changed between one event and the next', () => {
  const made = aCluster();
  const running = { ...made, status: 'RUNNING' as const, host: 'host-a' };
  expect(
    words(
      of(made, 'cluster.created'),
      of({ ...made, host: 'host-a' }),
      of(running),
      of({ ...running, auto_stop_minutes: 30 }),
      of({ ...running, auto_stop_minutes: 30, health: 'UNREACHABLE' }),
      of({ ...running, auto_stop_minutes: 30 }),
    ),
  ).toEqual([
    'Contact with the host restored',
    'No contact with the host',
    'Auto-stop set to 30 min',
    'Running',
    'Assigned to host-a',
    'Created by you',
  ]);
});

it('is silent where nothing changed that a person sees', () => {
  const cluster = aCluster();
  expect(words(of(cluster, 'cluster.created'), of({ ...cluster, version: 2 }))).toEqual([
    'Created by you',
  ]);
});

it('says who asked for a task, and how it ended', () => {
  const cluster = aCluster();
  const task = aTask();
  const stop = aTask({ id: 'task_2', kind: 'stop', created_by: null });
  const [create, other] = lines(
    aTaskEvent('task.created', task, cluster),
    aTaskEvent('task.created', stop, cluster),
    aTaskEvent('task.changed', { ...task, status: 'failed' }, cluster),
  );
  expect([create?.words, create?.detail]).toEqual(['Create failed', 'Requested by you']);
  expect(parts(create)).toEqual(['Create failed', 'You requested creation']);
  expect([other?.words, other?.detail]).toEqual(['Stop pending', 'Requested by labyard']);
  expect(parts(other)).toEqual(['labyard requested a stop']);
});

it('tells of a task by one line, with what became of the cluster by it', () => {
  const began = aCluster({ status: 'STARTING', task_id: 'task_1' });
  const ended = aCluster({ status: 'RUNNING' });
  const times = { started_at: '2026-01-01T00:00:00.000Z', ended_at: '2026-01-01T00:00:12.000Z' };
  const task = aTask({ kind: 'start', created_by: 'usr_2' });
  const shown = lines(
    aTaskEvent('task.created', task, began),
    of(began),
    aTaskEvent('task.changed', { ...task, status: 'in_progress' }, began),
    aTaskEvent('task.changed', { ...task, ...times, status: 'completed' }, ended),
    of(ended),
    of({ ...ended, auto_stop_minutes: 30 }),
  );
  expect(shown.map((line) => line.words)).toEqual(['Auto-stop set to 30 min', 'Start completed']);
  expect(shown[1]?.detail).toBe('Requested by Bo · took 12 s');
  expect(parts(shown[1])).toEqual([
    'Running',
    'Start completed',
    'Start assigned to a host',
    'Starting',
    'Bo requested a start',
  ]);
});

it('tells of a step once, when it has ended', () => {
  const began = { step: 'prepare' as const, worker: 'w1', started_at: '2026-01-01T00:00:00.000Z' };
  const ended = { ...began, ended_at: '2026-01-01T00:00:02.500Z' };
  const events = [
    aTaskEvent('task.step_began', aTask({ steps: [began] }), aCluster()),
    aTaskEvent('task.step_ended', aTask({ steps: [ended] }), aCluster()),
  ];
  expect(parts(lines(...events.slice(0, 1))[0])).toEqual(['Preparing network and volumes …']);
  expect(parts(lines(...events)[0])).toEqual(['Preparing network and volumes: done in 2.5 s']);
});

it('finds what changed by the event of the same cluster before', () => {
  const [one, two] = [aCluster({ name: 'one' }), aCluster({ name: 'two', created_by: 'usr_2' })];
  expect(
    words(
      of(one, 'cluster.created'),
      of(two, 'cluster.created'),
      of({ ...one, host: 'host-a' }),
      of({ ...two, status: 'RUNNING' }),
    ),
  ).toEqual(['Running', 'Assigned to host-a', 'Created by Bo', 'Created by you']);
});

it('tells that an organization changed, which says no more to anybody', () => {
  const event = { ...of(aCluster(), 'organization.changed'), data: undefined, cluster_id: null };
  expect(words(event)).toEqual(['Organization updated']);
});

it('outlives an event of a later version', () => {
  expect(words({ ...of(aCluster(), 'cluster.sung'), data: undefined })).toEqual(['cluster.sung']);
});

it('joins what arrived with what was read, each once', () => {
  const [first, second, third] = [of(aCluster()), of(aCluster()), of(aCluster())];
  expect(join([third, second], [second, first])).toEqual([third, second, first]);
});
