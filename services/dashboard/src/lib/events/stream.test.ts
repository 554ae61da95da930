// One event stream through loss and refusal.
import { FakeEventSource } from '@/test/event-source';
import { aCluster, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import { BACKOFF_CAP_MS, backoffMs } from './backoff';
import { Stream, type StreamListener } from './stream';
import type { World } from './world';

function aWorld(session: Awaited<ReturnType<World['session']>> = 'holds') {
  const timers: { ms: number; run: () => void }[] = [];
  const world: World = {
    openStream: (url) => new FakeEventSource(url),
    openSocket: () => new FakeWebSocket(),
    session: vi.fn(async () => session),
    after: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
    random: () => 0.5,
  };
  const log: string[] = [];
  const listener: StreamListener = {
    connection: ({ connection }) => log.push(connection),
    event: (cursor, event) => log.push(`${event.type} ${cursor}`),
    reset: (cursor) => log.push(`reset ${cursor}`),
    signedOut: () => log.push('signed out'),
  };
  const settle = () =>
    new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
  return { stream: new Stream(world, listener), world, timers, log, settle };
}

describe('the event stream', () => {
  it('begins where the list was read and is live once the server says ready', () => {
    const { stream, log } = aWorld();
    stream.start('0000000a-7');
    expect(FakeEventSource.last.url).toBe('/api/v1/events?since=0000000a-7');
    expect(stream.state.connection).toBe('connecting');
    FakeEventSource.last.ready('0000000a-9');
    FakeEventSource.last.event('0000000a-8', eventOf(aCluster()));
    expect(log).toEqual(['live', 'cluster.changed 0000000a-8']);
  });

  it('opens again after the last event, waiting longer each time, and says so', async () => {
    const { stream, log, timers, settle } = aWorld();
    stream.start('0000000a-7');
    FakeEventSource.last.ready('0000000a-7');
    FakeEventSource.last.event('0000000a-8', eventOf(aCluster()));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      FakeEventSource.last.refuse();
      await settle();
      const timer = timers.pop();
      waits.push(timer?.ms ?? -1);
      timer?.run();
    }
    expect(waits).toEqual([250, 500, 1000, 2000]);
    expect(log.filter((line) => !line.includes('.'))).toEqual(['live', 'reconnecting', 'offline']);
    expect(FakeEventSource.last.url).toBe('/api/v1/events?since=0000000a-8');
    FakeEventSource.last.ready('0000000a-8');
    expect(stream.state.connection).toBe('live');
  });

  it('leaves it to the browser to mend a broken connection', () => {
    const { stream } = aWorld();
    stream.start(null);
    FakeEventSource.last.ready('0000000a-1');
    FakeEventSource.last.breakOff();
    expect(stream.state.connection).toBe('reconnecting');
    FakeEventSource.last.ready('0000000a-1');
    expect(stream.state.connection).toBe('live');
    expect(FakeEventSource.all).toHaveLength(1);
  });

  it('gives up a connection that never says ready', async () => {
    const { stream, world, timers, settle } = aWorld();
    stream.start(null);
    timers.pop()?.run();
    await settle();
    expect(FakeEventSource.last.readyState).toBe(2);
    expect(world.session).toHaveBeenCalledOnce();
  });

  it('ends when the session is over', async () => {
    const { stream, log, timers, settle } = aWorld('over');
    stream.start(null);
    FakeEventSource.last.refuse();
    await settle();
    expect(log.at(-1)).toBe('signed out');
    expect(timers).toEqual([]);
  });

  it('tells of a reset and goes on from there', async () => {
    const { stream, log, timers, settle } = aWorld();
    stream.start('0000000a-7');
    FakeEventSource.last.emit('reset', '0000000b-1', { reason: 'other_incarnation' });
    expect(log).toEqual(['reset 0000000b-1']);
    FakeEventSource.last.refuse();
    await settle();
    timers.pop()?.run();
    expect(FakeEventSource.last.url).toContain('0000000b-1');
  });

  it('survives a frame it cannot read', () => {
    const { stream, log } = aWorld();
    stream.start(null);
    for (const data of ['', '{', 'null', '7', '{}']) {
      FakeEventSource.last.frame('message', '0000000a-1', data);
    }
    FakeEventSource.last.event('0000000a-2', eventOf(aCluster()));
    expect(log).toEqual(['cluster.changed 0000000a-2']);
  });

  it('never waits longer than the cap, nor for a negative time', () => {
    for (const attempt of [0, 1, 7, 100, 10_000]) {
      expect(backoffMs(attempt, 0.999_999)).toBeLessThan(BACKOFF_CAP_MS);
      expect(backoffMs(attempt, 0)).toBe(0);
    }
  });
});
