// The list of clusters after changes in any order.
import { aCluster, aTask, aTaskEvent, eventOf } from '@/test/samples';
import { changeOf, changeTo, Latest, patch } from './changes';

const running = aCluster({ status: 'RUNNING', version: 5 });

describe('patching the list', () => {
  it('puts the newer state in place of the older, and leaves the others alone', () => {
    const other = aCluster({ name: 'other' });
    const next = patch([aCluster({ version: 4 }), other], changeTo(running));
    expect(next).toEqual([running, other]);
    expect(next[1]).toBe(other);
  });

  it('ignores a lower version', () => {
    const list = [running];
    expect(patch(list, changeTo(aCluster({ version: 4 })))).toBe(list);
  });

  it('takes the same version again without harm', () => {
    expect(patch([running], changeTo(running))).toEqual([running]);
  });

  it('removes what is DELETED', () => {
    expect(patch([running], changeTo({ ...running, status: 'DELETED', version: 6 }))).toEqual([]);
  });

  it('adds what is created, newest first', () => {
    const fresh = aCluster({ name: 'fresh', created_at: '2026-02-01T00:00:00.000Z' });
    expect(patch([running], changeTo(fresh)).map(({ name }) => name)).toEqual(['fresh', 'demo']);
  });

  it('takes status and version from an event that carries another object', () => {
    const event = aTaskEvent('task.changed', aTask(), running);
    const change = changeOf(event);
    expect(change?.cluster).toBeUndefined();
    const [patched] = change ? patch([aCluster({ version: 4 })], change) : [];
    expect(patched).toMatchObject({ status: 'RUNNING', version: 5, host: null });
  });

  it('learns nothing of clusters from an event without one', () => {
    expect(changeOf({ id: 'evt_1', type: 'host.changed', time: '', version: 1 })).toBeUndefined();
  });

  it('does not mistake a cluster of another shape for one', () => {
    expect(changeOf({ ...eventOf(running), data: { id: 'something else' } })?.cluster).toBe(
      undefined,
    );
  });
});

describe('the latest change of each cluster', () => {
  it('keeps a late event from bringing back what is deleted', () => {
    const latest = new Latest();
    expect(latest.accept(changeTo({ ...running, status: 'DELETED', version: 7 }), 'a-1')).toBe(
      true,
    );
    expect(latest.accept(changeTo({ ...running, status: 'DELETING', version: 6 }), null)).toBe(
      false,
    );
  });

  it('lays over a list what happened after it was read', () => {
    const latest = new Latest();
    const fresh = aCluster({ name: 'fresh' });
    const gone = aCluster({ name: 'gone', version: 3 });
    latest.accept(changeTo(fresh), '0000000a-11');
    latest.accept(changeTo({ ...gone, status: 'DELETED', version: 4 }), '0000000a-12');
    latest.accept(changeTo(running), '0000000a-13');
    const read = [aCluster({ version: 4 }), gone];
    expect(latest.over(read, '0000000a-10').map(({ name }) => name)).toEqual(['demo', 'fresh']);
    expect(latest.over(read, '0000000a-10')[0]?.status).toBe('RUNNING');
  });

  it('believes a list that was read later than an event', () => {
    const latest = new Latest();
    latest.accept(changeTo(aCluster({ name: 'fresh' })), '0000000a-11');
    expect(latest.over([], '0000000a-20')).toEqual([]);
  });

  it('forgets the oldest when there are too many', () => {
    const latest = new Latest();
    for (let n = 0; n <= 1_000; n += 1) latest.accept(changeTo(aCluster({ name: `c${n}` })), null);
    expect(latest.get('clu_c0')).toBeUndefined();
    expect(latest.get('clu_c1000')).toBeDefined();
  });
});
