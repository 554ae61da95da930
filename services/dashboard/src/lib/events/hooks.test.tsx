// The hooks, down to what goes over the WebSocket.
import { act, renderHook, waitFor } from '@testing-library/react';
import { type ReactNode, useEffect } from 'react';
import { aCluster, aTask, aTaskEvent, eventOf } from '@/test/samples';
import { FakeWebSocket } from '@/test/web-socket';
import {
  PageConnectionContext,
  useOrganizationUpdates,
  usePresence,
  useTaskMonitoring,
  useWebSocket,
  useWorkspaceUpdates,
} from './hooks';
import { PageConnection } from './page-connection';

const at = (position: number) => `0000000a-${position}`;

function show<T>(hook: () => T) {
  const page = new PageConnection('usr_1', {
    event: () => {},
    reset: () => {},
    signedOut: () => {},
  });
  page.start(at(1));
  const wrapper = ({ children }: { children: ReactNode }) => (
    <PageConnectionContext value={page}>{children}</PageConnectionContext>
  );
  return renderHook(hook, { wrapper });
}

const sent = () => FakeWebSocket.last.sent.map(({ type, data }) => `${type} ${data?.id ?? ''}`);

it('reports of a workspace what changes in it, and how its clusters are', () => {
  const [statuses, healths] = [vi.fn(), vi.fn()];
  const { unmount, result } = show(() => {
    const updates = useWorkspaceUpdates('org_1', 'ws_1', at(5));
    const { onWorkspaceStatus, onVClusterHealth } = updates;
    useEffect(() => onWorkspaceStatus(statuses), [onWorkspaceStatus]);
    useEffect(() => onVClusterHealth(healths), [onVClusterHealth]);
    return updates;
  });
  expect(result.current.connected).toBe(false);
  act(() => FakeWebSocket.last.connect());
  expect(result.current.connected).toBe(true);
  expect(FakeWebSocket.last.sent).toEqual([
    { type: 'subscribe:workspace', data: { id: 'ws_1', since: at(5) } },
  ]);
  const event = eventOf(aCluster());
  FakeWebSocket.last.emit('workspace:status', event, at(6));
  const health = { cluster_id: 'clu_demo', workspace_id: 'ws_1', health: 'OK', version: 1 };
  FakeWebSocket.last.emit('vcluster:health', health, at(6));
  FakeWebSocket.last.emit('workspace:status', { ...event, workspace_id: 'ws_2' }, at(7));
  expect(statuses.mock.calls).toEqual([[event, at(6)]]);
  expect(healths.mock.calls).toEqual([[health, at(6)]]);
  unmount();
  expect(sent().at(-1)).toBe('unsubscribe:workspace ws_1');
  FakeWebSocket.last.emit('workspace:status', event, at(8));
  expect(statuses).toHaveBeenCalledOnce();
});

it('reports of every workspace of an organization, and moves with it', () => {
  const statuses = vi.fn();
  let organization: string | undefined = 'org_1';
  const { rerender } = show(() => {
    const { onWorkspaceStatus } = useOrganizationUpdates(organization);
    useEffect(() => onWorkspaceStatus(statuses), [onWorkspaceStatus]);
  });
  act(() => FakeWebSocket.last.connect());
  FakeWebSocket.last.emit('workspace:status', eventOf(aCluster({ workspace_id: 'ws_7' })), at(2));
  expect(statuses).toHaveBeenCalledOnce();
  organization = 'org_2';
  rerender();
  expect(sent().slice(1)).toEqual([
    'unsubscribe:organization org_1',
    'subscribe:organization org_2',
  ]);
});

it('subscribes to nothing until the list is read that it continues', () => {
  let since: string | undefined;
  const { rerender } = show(() => useOrganizationUpdates(since && 'org_1', since));
  expect(FakeWebSocket.all).toHaveLength(0);
  since = at(9);
  rerender();
  act(() => FakeWebSocket.last.connect());
  since = at(12);
  rerender();
  expect(FakeWebSocket.last.sent.map(({ data }) => data)).toEqual([{ id: 'org_1', since: at(9) }]);
});

it('reports how far a task is, and when that must be read again', () => {
  const [progress, reset] = [vi.fn(), vi.fn()];
  show(() => {
    const { onTaskProgress, onReset } = useTaskMonitoring('task_1');
    useEffect(() => onTaskProgress(progress), [onTaskProgress]);
    useEffect(() => onReset(reset), [onReset]);
  });
  act(() => FakeWebSocket.last.connect());
  const event = aTaskEvent('task.changed', aTask(), aCluster());
  FakeWebSocket.last.emit('task:progress', event, at(2));
  FakeWebSocket.last.emit('reset', { reason: 'too_old', cursor: at(90) });
  expect(progress).toHaveBeenCalledWith(event, at(2));
  expect(reset).toHaveBeenCalledWith(at(90));
});

it('reports how the connection is and what went wrong, and counts how often it came back', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network'));
  const errors = vi.fn();
  const { result } = show(() => {
    const socket = useWebSocket();
    useOrganizationUpdates('org_1');
    useEffect(() => socket.on('error', errors), [socket.on]);
    return socket;
  });
  expect(result.current.connection).toBe('connecting');
  act(() => FakeWebSocket.last.connect());
  FakeWebSocket.last.emit('error', { code: 'not_found', message: 'Not for you.' });
  expect(errors).toHaveBeenCalledOnce();
  act(() => FakeWebSocket.last.end());
  expect(result.current.connection).toBe('reconnecting');
  await waitFor(() => expect(FakeWebSocket.all).toHaveLength(2));
  act(() => FakeWebSocket.last.connect());
  expect([result.current.connection, result.current.reconnects]).toEqual(['live', 1]);
});

it('says where the person is, and knows who else is there', () => {
  const place = { organization_id: 'org_1', workspace_id: 'ws_1' };
  const { result, unmount } = show(() => usePresence([{ ...place, page: '/history' }]));
  act(() => FakeWebSocket.last.connect());
  expect(sent()).toEqual(['presence:enter ']);
  const here = [{ user_id: 'usr_2', since: '2026-01-01T00:00:00.000Z', page: '/dashboard' }];
  act(() => FakeWebSocket.last.emit('presence', { ...place, here }));
  expect(result.current).toEqual(here);
  unmount();
  expect(sent().at(-1)).toBe('presence:leave ');
});
