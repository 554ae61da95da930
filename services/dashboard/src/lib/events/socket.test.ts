// One WebSocket through loss, refusal and silence.
import { aCluster, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import { Socket } from './socket';
import type { World } from './world';

const at = (position: number) => `0000000a-${position}`;
const workspace = { kind: 'workspace', id: 'ws_1' } as const;
const organization = { kind: 'organization', id: 'org_1' } as const;

function aSocket(session: Awaited<ReturnType<World['session']>> = 'holds') {
  const timers: { ms: number; run: () => void }[] = [];
  const world: World = {
    openStream: () => {
      throw new Error('no stream here');
    },
    openSocket: (path) => new FakeWebSocket(path),
    session: vi.fn(async () => session),
    after: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => {
        const place = timers.indexOf(timer);
        if (place >= 0) timers.splice(place, 1);
      };
    },
    random: () => 0.5,
  };
  const log: string[] = [];
  const socket = new Socket(world, {
    connection: ({ connection, reconnects }) => log.push(`${connection} ${reconnects}`),
    message: ({ type, cursor }, topics) =>
      log.push(`${type} ${cursor} in ${topics.map(({ id }) => id).join()}`),
    subscribed: (topic, cursor, reset) =>
      log.push(`${reset ? 'reset' : 'subscribed'} ${topic.id} ${cursor}`),
    presence: ({ here }) => log.push(`${here.length} here`),
    error: ({ code }) => log.push(`error ${code}`),
    signedOut: () => log.push('signed out'),
  });
  const settle = () =>
    new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
  /** Runs the timer that was set last. */
  const elapse = () => timers.pop()?.run();
  const answer = (id: string, position: number, reset?: string) =>
    FakeWebSocket.last.emit('subscribed', {
      topic: id.startsWith('ws') ? 'workspace' : 'organization',
      id,
      cursor: at(position),
      reset,
    });
  const status = (position: number) =>
    FakeWebSocket.last.emit('workspace:status', eventOf(aCluster()), at(position));
  const sent = (type: string) =>
    FakeWebSocket.last.sent.filter((one) => one.type === type).map(({ data }) => data);
  return { socket, world, timers, log, settle, elapse, answer, status, sent };
}

describe('the WebSocket', () => {
  it('is open only as long as something is wanted', () => {
    const { socket, elapse, timers } = aSocket();
    expect(FakeWebSocket.all).toHaveLength(0);
    socket.subscribe(workspace, null);
    socket.subscribe(organization, null);
    expect(FakeWebSocket.all).toHaveLength(1);
    FakeWebSocket.last.connect();
    socket.unsubscribe(workspace);
    socket.unsubscribe(organization);
    expect(FakeWebSocket.last.readyState).toBe(1);
    elapse();
    expect(FakeWebSocket.last.readyState).toBe(3);
    expect(timers).toEqual([]);
  });

  it('names the topics that a message belongs to, and those of a health by its event', () => {
    const { socket, log, answer, status } = aSocket();
    socket.subscribe(workspace, at(10));
    socket.subscribe(organization, at(10));
    socket.subscribe({ kind: 'task', id: 'task_9' }, null);
    FakeWebSocket.last.connect();
    answer('ws_1', 10);
    answer('org_1', 10);
    status(11);
    const health = { cluster_id: 'clu_demo', workspace_id: 'ws_1', health: 'OK', version: 1 };
    FakeWebSocket.last.emit('vcluster:health', health, at(11));
    expect(log).toEqual([
      'live 0',
      'subscribed ws_1 0000000a-10',
      'subscribed org_1 0000000a-10',
      'workspace:status 0000000a-11 in ws_1,org_1',
      'vcluster:health 0000000a-11 in ws_1,org_1',
    ]);
  });

  it('subscribes again from where each subscription was, and counts how often it came back', async () => {
    const { socket, log, answer, status, settle, elapse, sent } = aSocket();
    socket.subscribe(workspace, at(10));
    FakeWebSocket.last.connect();
    expect(sent('subscribe:workspace')).toEqual([{ id: 'ws_1', since: at(10) }]);
    answer('ws_1', 10);
    status(12);
    FakeWebSocket.last.emit('heartbeat', { cursor: at(20) });
    FakeWebSocket.last.end(4000);
    await settle();
    elapse();
    FakeWebSocket.last.connect();
    expect(FakeWebSocket.all).toHaveLength(2);
    expect(sent('subscribe:workspace')).toEqual([{ id: 'ws_1', since: at(20) }]);
    expect(log.filter((line) => /^(live|reconn)/.test(line))).toEqual([
      'live 0',
      'reconnecting 0',
      'live 1',
    ]);
  });

  it('asks once more for a page that wants earlier events, and never goes back by itself', async () => {
    const { socket, answer, status, sent, settle, elapse } = aSocket();
    socket.subscribe(workspace, at(10));
    FakeWebSocket.last.connect();
    answer('ws_1', 10);
    status(15);
    socket.subscribe(workspace, at(17));
    socket.subscribe(workspace, at(15));
    expect(sent('subscribe:workspace')).toHaveLength(1);
    socket.subscribe(workspace, at(12));
    expect(sent('subscribe:workspace').at(-1)).toEqual({ id: 'ws_1', since: at(12) });
    // On its way when the page asked: what is between is still owed.
    status(16);
    FakeWebSocket.last.end();
    await settle();
    elapse();
    FakeWebSocket.last.connect();
    expect(sent('subscribe:workspace')).toEqual([{ id: 'ws_1', since: at(12) }]);
  });

  it('waits longer each time, and asks for the session before', async () => {
    const { socket, log, timers, settle, world } = aSocket();
    socket.subscribe(workspace, null);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      FakeWebSocket.last.end();
      await settle();
      const timer = timers.pop();
      waits.push(timer?.ms ?? -1);
      timer?.run();
    }
    expect(waits).toEqual([250, 500, 1000, 2000]);
    expect(log).toEqual(['reconnecting 0', 'offline 0']);
    expect(world.session).toHaveBeenCalledTimes(4);
  });

  it('ends when the session is over', async () => {
    const { socket, log, settle, timers } = aSocket('over');
    socket.subscribe(workspace, null);
    FakeWebSocket.last.end(4100);
    await settle();
    expect(log.at(-1)).toBe('signed out');
    expect(timers).toEqual([]);
  });

  it('does not come back after a refusal until it is asked to', async () => {
    const { socket, log, settle, timers } = aSocket();
    socket.subscribe(workspace, null);
    FakeWebSocket.last.connect();
    FakeWebSocket.last.end(4201);
    await settle();
    expect([log.at(-1), timers.length]).toEqual(['offline 0', 0]);
    socket.retry();
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it('gives up a server that is silent, and one that never says connected', async () => {
    const { socket, log, elapse, sent, settle } = aSocket();
    socket.subscribe(workspace, null);
    FakeWebSocket.last.connect(7);
    elapse();
    FakeWebSocket.last.emit('heartbeat', { cursor: at(1) });
    elapse();
    elapse();
    expect(sent('heartbeat')).toHaveLength(3);
    elapse();
    expect(log.at(-1)).toBe('reconnecting 0');
    expect(FakeWebSocket.last.readyState).toBe(3);
    await settle();
    elapse();
    elapse();
    expect(FakeWebSocket.last.readyState).toBe(3);
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it('says where the person is, again after it was lost, and that they left', async () => {
    const { socket, sent, settle, elapse } = aSocket();
    const place = { organization_id: 'org_1', cluster_id: 'clu_1' };
    socket.setPlaces([{ ...place, page: '/clusters/demo' }]);
    FakeWebSocket.last.connect();
    socket.setPlaces([{ ...place, page: '/clusters/demo' }]);
    socket.setPlaces([{ ...place, page: '/history' }]);
    expect(sent('presence:enter').map((data) => data?.page)).toEqual([
      '/clusters/demo',
      '/history',
    ]);
    FakeWebSocket.last.end();
    await settle();
    elapse();
    FakeWebSocket.last.connect();
    expect(sent('presence:enter').map((data) => data?.page)).toEqual(['/history']);
    socket.setPlaces([]);
    expect(sent('presence:leave')).toEqual([place]);
  });

  it('reports resets, of one topic and of all', () => {
    const { socket, log, answer } = aSocket();
    socket.subscribe(workspace, at(1));
    socket.subscribe(organization, at(1));
    FakeWebSocket.last.connect();
    answer('ws_1', 90, 'too_old');
    answer('org_1', 1);
    FakeWebSocket.last.emit('reset', { reason: 'other_incarnation', cursor: '0000000b-3' });
    expect(log.filter((line) => line.startsWith('reset'))).toEqual([
      'reset ws_1 0000000a-90',
      'reset ws_1 0000000b-3',
      'reset org_1 0000000b-3',
    ]);
  });

  it('survives what it cannot read and what it does not know', () => {
    const { socket, log, answer, status } = aSocket();
    socket.subscribe(workspace, at(1));
    FakeWebSocket.last.connect();
    answer('ws_1', 1);
    for (const text of ['', '{', 'null', '7', '{}', '{"type":"weather","data":{}}']) {
      FakeWebSocket.last.frame(text);
    }
    FakeWebSocket.last.emit('error', { code: 'malformed', message: 'No.' });
    status(2);
    expect(log.slice(-2)).toEqual(['error malformed', 'workspace:status 0000000a-2 in ws_1']);
  });
});
