import { aCluster, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import { Socket } from './socket';
import type { World } from './world';

const at = (position: number) => `0000000a-${position}`;
const workspace = { topic: 'workspace', id: 'ws_1' } as const;
const organization = { topic: 'organization', id: 'org_1' } as const;

function aSocket(session: Awaited<ReturnType<World['session']>> = 'holds') {
  const timers: { ms: number; run: () => void }[] = [];
  const world: World = {
    open: () => {
      throw new Error('no stream here');
    },
    dial: (path) => new FakeWebSocket(path),
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
  const heard: string[] = [];
  const socket = new Socket(world, {
    connection: (connection, reconnects) => heard.push(`${connection} ${reconnects}`),
    told: ({ type, cursor }, rooms) =>
      heard.push(`${type} ${cursor} in ${rooms.map(({ id }) => id).join()}`),
    subscribed: (room, cursor, reset) =>
      heard.push(`${reset ? 'reset' : 'subscribed'} ${room.id} ${cursor}`),
    presence: ({ here }) => heard.push(`${here.length} here`),
    error: ({ code }) => heard.push(`error ${code}`),
    signedOut: () => heard.push('signed out'),
  });
  const settle = () =>
    new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
  /** Runs the timer that was set last. */
  const elapse = () => timers.pop()?.run();
  const answer = (id: string, position: number, reset?: string) =>
    FakeWebSocket.last.say('subscribed', {
      topic: id.startsWith('ws') ? 'workspace' : 'organization',
      id,
      cursor: at(position),
      reset,
    });
  const status = (position: number) =>
    FakeWebSocket.last.say('workspace:status', eventOf(aCluster()), at(position));
  const said = (type: string) =>
    FakeWebSocket.last.said.filter((one) => one.type === type).map(({ data }) => data);
  return { socket, world, timers, heard, settle, elapse, answer, status, said };
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

  it('tells in which rooms something happened, and of health where its event was', () => {
    const { socket, heard, answer, status } = aSocket();
    socket.subscribe(workspace, at(10));
    socket.subscribe(organization, at(10));
    socket.subscribe({ topic: 'task', id: 'task_9' }, null);
    FakeWebSocket.last.connect();
    answer('ws_1', 10);
    answer('org_1', 10);
    status(11);
    const health = { cluster_id: 'clu_demo', workspace_id: 'ws_1', health: 'OK', version: 1 };
    FakeWebSocket.last.say('vcluster:health', health, at(11));
    expect(heard).toEqual([
      'live 0',
      'subscribed ws_1 0000000a-10',
      'subscribed org_1 0000000a-10',
      'workspace:status 0000000a-11 in ws_1,org_1',
      'vcluster:health 0000000a-11 in ws_1,org_1',
    ]);
  });

  it('subscribes again from where each room was, and counts how often it came back', async () => {
    const { socket, heard, answer, status, settle, elapse, said } = aSocket();
    socket.subscribe(workspace, at(10));
    FakeWebSocket.last.connect();
    expect(said('subscribe:workspace')).toEqual([{ id: 'ws_1', since: at(10) }]);
    answer('ws_1', 10);
    status(12);
    FakeWebSocket.last.say('heartbeat', { cursor: at(20) });
    FakeWebSocket.last.end(4000);
    await settle();
    elapse();
    FakeWebSocket.last.connect();
    expect(FakeWebSocket.all).toHaveLength(2);
    expect(said('subscribe:workspace')).toEqual([{ id: 'ws_1', since: at(20) }]);
    expect(heard.filter((line) => /^(live|reconn)/.test(line))).toEqual([
      'live 0',
      'reconnecting 0',
      'live 1',
    ]);
  });

  it('asks once more for a page that wants earlier events, and never goes back by itself', async () => {
    const { socket, answer, status, said, settle, elapse } = aSocket();
    socket.subscribe(workspace, at(10));
    FakeWebSocket.last.connect();
    answer('ws_1', 10);
    status(15);
    socket.subscribe(workspace, at(17));
    socket.subscribe(workspace, at(15));
    expect(said('subscribe:workspace')).toHaveLength(1);
    socket.subscribe(workspace, at(12));
    expect(said('subscribe:workspace').at(-1)).toEqual({ id: 'ws_1', since: at(12) });
    // On its way when the page asked: what is between is still owed.
    status(16);
    FakeWebSocket.last.end();
    await settle();
    elapse();
    FakeWebSocket.last.connect();
    expect(said('subscribe:workspace')).toEqual([{ id: 'ws_1', since: at(12) }]);
  });

  it('waits longer each time, and asks for the session before', async () => {
    const { socket, heard, timers, settle, world } = aSocket();
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
    expect(heard).toEqual(['reconnecting 0', 'offline 0']);
    expect(world.session).toHaveBeenCalledTimes(4);
  });

  it('ends when the session is over', async () => {
    const { socket, heard, settle, timers } = aSocket('over');
    socket.subscribe(workspace, null);
    FakeWebSocket.last.end(4100);
    await settle();
    expect(heard.at(-1)).toBe('signed out');
    expect(timers).toEqual([]);
  });

  it('does not come back after a refusal until it is asked to', async () => {
    const { socket, heard, settle, timers } = aSocket();
    socket.subscribe(workspace, null);
    FakeWebSocket.last.connect();
    FakeWebSocket.last.end(4201);
    await settle();
    expect([heard.at(-1), timers.length]).toEqual(['offline 0', 0]);
    socket.retry();
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it('gives up a server that is silent, and one that never says connected', async () => {
    const { socket, heard, elapse, said, settle } = aSocket();
    socket.subscribe(workspace, null);
    FakeWebSocket.last.connect(7);
    elapse();
    FakeWebSocket.last.say('heartbeat', { cursor: at(1) });
    elapse();
    elapse();
    expect(said('heartbeat')).toHaveLength(3);
    elapse();
    expect(heard.at(-1)).toBe('reconnecting 0');
    expect(FakeWebSocket.last.readyState).toBe(3);
    await settle();
    elapse();
    elapse();
    expect(FakeWebSocket.last.readyState).toBe(3);
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it('says where the person is, again after it was lost, and that they left', async () => {
    const { socket, said, settle, elapse } = aSocket();
    const place = { organization_id: 'org_1', cluster_id: 'clu_1' };
    socket.here([{ ...place, page: '/clusters/demo' }]);
    FakeWebSocket.last.connect();
    socket.here([{ ...place, page: '/clusters/demo' }]);
    socket.here([{ ...place, page: '/history' }]);
    expect(said('presence:enter').map((data) => data?.page)).toEqual([
      '/clusters/demo',
      '/history',
    ]);
    FakeWebSocket.last.end();
    await settle();
    elapse();
    FakeWebSocket.last.connect();
    expect(said('presence:enter').map((data) => data?.page)).toEqual(['/history']);
    socket.here([]);
    expect(said('presence:leave')).toEqual([place]);
  });

  it('tells of resets, of one room and of all', () => {
    const { socket, heard, answer } = aSocket();
    socket.subscribe(workspace, at(1));
    socket.subscribe(organization, at(1));
    FakeWebSocket.last.connect();
    answer('ws_1', 90, 'too_old');
    answer('org_1', 1);
    FakeWebSocket.last.say('reset', { reason: 'other_incarnation', cursor: '0000000b-3' });
    expect(heard.filter((line) => line.startsWith('reset'))).toEqual([
      'reset ws_1 0000000a-90',
      'reset ws_1 0000000b-3',
      'reset org_1 0000000b-3',
    ]);
  });

  it('survives what it cannot read and what it does not know', () => {
    const { socket, heard, answer, status } = aSocket();
    socket.subscribe(workspace, at(1));
    FakeWebSocket.last.connect();
    answer('ws_1', 1);
    for (const text of ['', '{', 'null', '7', '{}', '{"type":"weather","data":{}}']) {
      FakeWebSocket.last.frame(text);
    }
    FakeWebSocket.last.say('error', { code: 'malformed', message: 'No.' });
    status(2);
    expect(heard.slice(-2)).toEqual(['error malformed', 'workspace:status 0000000a-2 in ws_1']);
  });
});
