// The Activity page: filters, live events, presence.
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Event } from '@/lib/api/types';
import { FakeEventSource } from '@/test/event-source';
import { aCluster, aMember, aMembership, eventOf, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';
import { FakeWebSocket } from '@/test/web-socket';

const at = (position: number) => `0000000a-${position}`;
const demo = aCluster({ organization_id: 'org_2', workspace_id: 'ws_2' });
const anEvent = (number: number, more: Partial<Event> = {}): Event => ({
  ...eventOf(demo),
  id: `evt_${number}`,
  time: new Date(Date.UTC(2026, 0, 1, 10, number)).toISOString(),
  ...more,
});

/** A team of two with this history; counts and keeps what was asked for. */
async function show(path: string, ...events: Event[] | ['broken']) {
  const asked: URLSearchParams[] = [];
  const history: { events: (Event | 'broken')[] } = { events };
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({
        ...me,
        organizations: [...me.organizations, aMembership()],
        workspaces: [...me.workspaces, { id: 'ws_2', organization_id: 'org_2', name: 'lab' }],
      }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([demo], at(1))),
    http.get('*/api/v1/organizations/:id/members', () =>
      page([aMember(), aMember({ user_id: 'usr_2', name: 'Bo' })]),
    ),
    http.get('*/api/v1/timeline', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      if (history.events[0] === 'broken') return problem(503, 'unavailable', 'Not now.');
      return HttpResponse.json(
        { items: history.events, next_cursor: null },
        { headers: { 'Labyard-Position': at(10) } },
      );
    }),
  );
  showApp(path);
  await screen.findByRole('heading', { name: 'Activity' });
  await waitFor(() => expect(FakeEventSource.all).not.toHaveLength(0));
  act(() => FakeEventSource.last.ready(at(1)));
  await waitFor(() => expect(asked).not.toHaveLength(0));
  return { asked, history };
}

const words = () =>
  within(screen.getByTestId('timeline'))
    .getAllByRole('listitem')
    .map((item) => item.querySelector('div')?.textContent);
const subscriptions = () =>
  FakeWebSocket.last.sent
    .filter(({ type }) => type.startsWith('subscribe:'))
    .map(({ type, data }) => [type, data?.id, data?.since]);

it('shows what happened in the team and goes on from there, each event once', async () => {
  const created = anEvent(1, { type: 'cluster.created', data: { ...demo, created_by: 'usr_2' } });
  await show('/history', created);
  expect(await screen.findByText('Created by Bo')).toBeVisible();
  await waitFor(() => expect(FakeWebSocket.all).not.toHaveLength(0));
  act(() => FakeWebSocket.last.connect());
  expect(subscriptions()).toEqual([['subscribe:organization', 'org_2', at(10)]]);
  const running = { ...demo, status: 'RUNNING' as const, version: 2 };
  act(() => {
    FakeWebSocket.last.emit('workspace:status', created, at(9));
    FakeWebSocket.last.emit('workspace:status', anEvent(2, { data: running }), at(11));
    FakeWebSocket.last.emit('workspace:status', anEvent(2, { data: running }), at(11));
  });
  expect(words()).toEqual(['demoRunning', 'demoCreated by BoKubernetes v1.34.4']);
});

it('is narrowed by its address and by its filters, and so is what arrives', async () => {
  const { asked } = await show(
    '/history?of=org_2&workspace=ws_2&kind=clusters&user=usr_1&from=2026-01-01',
    anEvent(1, { type: 'cluster.created' }),
  );
  const query = Object.fromEntries(asked[0] ?? []);
  expect(query).toMatchObject({
    organization_id: 'org_2',
    workspace_id: 'ws_2',
    type: 'cluster.*',
    user_id: 'usr_1',
    from: new Date(2026, 0, 1).toISOString(),
  });
  expect(await screen.findByText('Created by you')).toBeVisible();
  act(() => FakeWebSocket.last.connect());
  expect(subscriptions()).toEqual([['subscribe:workspace', 'ws_2', at(10)]]);
  act(() => FakeWebSocket.last.emit('event', anEvent(3, { type: 'organization.changed' }), at(12)));
  expect(words()).toHaveLength(1);
  await userEvent.clear(screen.getByLabelText('From'));
  await waitFor(() => expect(asked.at(-1)?.has('from')).toBe(false));
});

it('says that nothing fits, and shows everything again', async () => {
  const { asked } = await show('/history?kind=warnings');
  await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(await screen.findByText('No activity yet')).toBeVisible();
  expect(asked.at(-1)?.has('type')).toBe(false);
});

it('reads again after a reset, and while nothing arrives', async () => {
  const { asked, history } = await show('/history', anEvent(1));
  await screen.findByTestId('timeline');
  act(() => FakeWebSocket.last.connect());
  const before = asked.length;
  history.events = [anEvent(4, { data: { ...demo, status: 'STOPPED' } }), anEvent(1)];
  act(() => FakeWebSocket.last.emit('reset', { reason: 'too_old', cursor: at(90) }));
  expect(await screen.findByText('Stopped')).toBeVisible();
  expect(asked).toHaveLength(before + 1);
});

it('shows what is wrong when it cannot be read, and tries again when asked', async () => {
  const { history } = await show('/history', 'broken');
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now. Do this.');
  history.events = [anEvent(1, { type: 'cluster.created' })];
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Created by you')).toBeVisible();
});

it('names who else reads it', async () => {
  await show('/history', anEvent(1));
  await screen.findByTestId('timeline');
  act(() => FakeWebSocket.last.connect());
  expect(FakeWebSocket.last.sent).toContainEqual({
    type: 'presence:enter',
    data: { organization_id: 'org_2', workspace_id: 'ws_2', page: '/history' },
  });
  const since = '2026-01-01T00:00:00.000Z';
  const here = [
    { user_id: 'usr_1', since, page: '/history' },
    { user_id: 'usr_2', since, page: '/clusters/demo' },
  ];
  const lab = { organization_id: 'org_2', workspace_id: 'ws_2' };
  act(() => FakeWebSocket.last.emit('presence', { ...lab, here }));
  const button = await screen.findByRole('button', { name: /^Bo is here/ });
  await userEvent.click(button);
  expect(await screen.findByText('viewing cluster demo')).toBeInTheDocument();
  act(() => FakeWebSocket.last.emit('presence', { ...lab, here: here.slice(0, 1) }));
  await waitFor(() => expect(screen.queryByTestId('who-is-here')).not.toBeInTheDocument());
});

it('is as live as the worse of its two connections', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { asked } = await show('/history', anEvent(1));
  await screen.findByTestId('timeline');
  const word = () => screen.getByTestId('connection').textContent;
  expect(word()).toBe('Connecting');
  // The WebSocket is never answered: the page polls, and says so.
  await act(() => vi.advanceTimersByTimeAsync(10_500));
  await waitFor(() => expect(word()).toBe('Reconnecting'));
  expect(screen.getByTestId('polling-notice')).toHaveTextContent('every 5 seconds');
  const before = asked.length;
  await act(() => vi.advanceTimersByTimeAsync(11_000));
  expect(asked.length).toBeGreaterThan(before);
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  await waitFor(() => expect(word()).toBe('Offline'));
  // Where nobody listens to topics it is the stream of events that counts.
  await userEvent.click(screen.getByRole('link', { name: 'Clusters' }));
  await waitFor(() => expect(word()).toBe('Live'));
  await userEvent.click(screen.getByRole('link', { name: 'Activity' }));
  await waitFor(() => expect(word()).not.toBe('Live'));
  await userEvent.click(screen.getByTestId('connection'));
  act(() => FakeWebSocket.last.connect());
  await waitFor(() => expect(word()).toBe('Live'));
});
