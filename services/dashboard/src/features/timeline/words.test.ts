import type { Cluster, Event } from '@/lib/api/types';
import { aCluster, aTask, aTaskEvent, eventOf } from '@/test/samples';
import { join, linesOf, whoIs } from './words';

let number = 0;
const names = new Map([['usr_2', 'Bo']]);
const of = (cluster: Cluster, type?: string): Event => {
  number += 1;
  return { ...eventOf(cluster, type), id: `evt_${number}` };
};
/** Given oldest first, told newest first. */
const words = (...events: Event[]) =>
  linesOf([...events].reverse(), whoIs('usr_1', names)).map((line) => line.words);

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
    'Its host is heard of again',
    'Its host is not heard of any more',
    'Stops by itself after 30 min unused',
    'Is RUNNING',
    'Placed on host-a',
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
  expect(
    words(
      aTaskEvent('task.created', task, cluster),
      aTaskEvent('task.created', { ...task, kind: 'stop', created_by: null }, cluster),
      aTaskEvent('task.changed', { ...task, status: 'failed' }, cluster),
    ),
  ).toEqual(['Create failed', 'Stop asked for by labyard itself', 'Create asked for by you']);
});

it('tells of a step once, when it has ended', () => {
  const began = { step: 'prepare' as const, worker: 'w1', started_at: '2026-01-01T00:00:00.000Z' };
  const ended = { ...began, ended_at: '2026-01-01T00:00:02.500Z' };
  const events = [
    aTaskEvent('task.step_began', aTask({ steps: [began] }), aCluster()),
    aTaskEvent('task.step_ended', aTask({ steps: [ended] }), aCluster()),
  ];
  expect(words(...events.slice(0, 1))).toEqual(['Preparing network and volumes …']);
  expect(words(...events)).toEqual(['Preparing network and volumes: done in 2.5 s']);
});

it('tells what changed of each cluster by what was told of the same one', () => {
  const [one, two] = [aCluster({ name: 'one' }), aCluster({ name: 'two', created_by: 'usr_2' })];
  expect(
    words(
      of(one, 'cluster.created'),
      of(two, 'cluster.created'),
      of({ ...one, host: 'host-a' }),
      of({ ...two, status: 'RUNNING' }),
    ),
  ).toEqual(['Is RUNNING', 'Placed on host-a', 'Created by Bo', 'Created by you']);
});

it('tells that an organization changed, which says no more to anybody', () => {
  const event = { ...of(aCluster(), 'organization.changed'), data: undefined, cluster_id: null };
  expect(words(event)).toEqual(['People, workspaces or settings of the organization changed']);
});

it('outlives an event of a later version', () => {
  expect(words({ ...of(aCluster(), 'cluster.sung'), data: undefined })).toEqual(['cluster.sung']);
});

it('joins what was heard with what was read, each once', () => {
  const [first, second, third] = [of(aCluster()), of(aCluster()), of(aCluster())];
  expect(join([third, second], [second, first])).toEqual([third, second, first]);
});
