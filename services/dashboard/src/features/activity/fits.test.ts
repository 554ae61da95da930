// Which events belong to a timeline.
import type { TimelineFilter } from '@/lib/api/client';
import { aCluster, aTask, aTaskEvent, eventOf } from '@/test/samples';
import { fits } from './fits';

const cluster = aCluster();
const event = { ...eventOf(cluster), time: '2026-01-02T10:00:00.000Z' };

it.each<[TimelineFilter, boolean]>([
  [{}, true],
  [{ organization_id: 'org_1', workspace_id: 'ws_1', cluster_id: 'clu_demo' }, true],
  [{ organization_id: 'org_2' }, false],
  [{ workspace_id: 'ws_2' }, false],
  [{ cluster_id: 'clu_other' }, false],
  [{ user_id: 'usr_1' }, true],
  [{ user_id: 'usr_2' }, false],
  [{ type: 'cluster.changed' }, true],
  [{ type: 'task.*,cluster.*' }, true],
  [{ type: 'cluster.created,task.*' }, false],
  [{ from: '2026-01-02T10:00:00.000Z' }, true],
  [{ from: '2026-01-02T10:00:00.001Z' }, false],
  [{ until: '2026-01-02T10:00:00.000Z' }, false],
  [{ until: '2026-01-03T00:00:00.000Z' }, true],
])('%j fits: %s', (filter, expected) => expect(fits(event, filter)).toBe(expected));

it('takes a task for its asker, and what nobody asked for for nobody', () => {
  const task = aTaskEvent('task.created', aTask({ created_by: 'usr_2' }), cluster);
  expect(fits(task, { user_id: 'usr_2' })).toBe(true);
  expect(fits({ ...task, data: undefined }, { user_id: 'usr_2' })).toBe(false);
});

it('leaves out what only says that a list changed', () => {
  expect(fits({ ...event, type: 'webhook.changed' }, {})).toBe(false);
});
