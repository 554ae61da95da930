// A cluster's page: its task, its activity, its end.
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Cluster, Event, Task } from '@/lib/api/types';
import { FakeEventSource } from '@/test/event-source';
import { aCluster, anAccess, aTask, aTaskEvent, eventOf, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

interface World {
  clusters: Cluster[];
  tasks: Task[];
  timeline: Event[];
}

/** The page of cluster `demo`, connected; counts what was asked. */
async function show(more: Partial<World> = {}) {
  const world: World = {
    clusters: [aCluster({ status: 'RUNNING' })],
    tasks: [],
    timeline: [],
    ...more,
  };
  const asked = { timeline: [] as string[], active: 0 };
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer(world.clusters, '0000000a-10')),
    http.get('*/api/v1/clusters/:id', () => problem(404, 'not_found', 'No such cluster.')),
    http.get('*/api/v1/tasks', () => page(world.tasks)),
    http.get('*/api/v1/tasks/:id', ({ params }) =>
      HttpResponse.json(world.tasks.find(({ id }) => id === params.id) ?? aTask()),
    ),
    http.get('*/api/v1/timeline', ({ request }) => {
      asked.timeline.push(new URL(request.url).search);
      return page(world.timeline);
    }),
    http.get('*/api/v1/clusters/:id/access', () => HttpResponse.json(anAccess())),
    http.post('*/api/v1/clusters/:id/active', () => {
      asked.active += 1;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  showApp('/clusters/clu_demo');
  await waitFor(() => expect(FakeEventSource.all).toHaveLength(1));
  act(() => FakeEventSource.last.ready('0000000a-10'));
  return asked;
}

const emit = (position: number, event: Event) =>
  act(async () =>
    FakeEventSource.last.event(`0000000a-${position}`, { ...event, id: `evt_${position}` }),
  );

it('shows the cluster, and its timeline growing with events', async () => {
  const made = { ...eventOf(aCluster(), 'cluster.created'), id: 'evt_0' };
  const asked = await show({ timeline: [made] });
  expect(await screen.findByRole('heading', { name: 'demo' })).toBeVisible();
  expect(await screen.findByText('Created by you', { selector: 'li *' })).toBeVisible();
  await emit(11, eventOf(aCluster({ status: 'STOPPED', version: 2 })));
  expect(await screen.findByText('Stopped', { selector: 'li *' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Start demo' })).toBeEnabled();
  expect(asked.timeline).toEqual(['?cluster_id=clu_demo&limit=40']);
});

it('stops and starts it, and follows the task', async () => {
  const cluster = aCluster({ status: 'RUNNING' });
  await show({ clusters: [cluster], tasks: [aTask({ id: 'task_2', kind: 'stop' })] });
  server.use(
    http.post('*/api/v1/clusters/:id/stop', () =>
      HttpResponse.json(
        {
          cluster: { ...cluster, status: 'STOPPING', version: 2, task_id: 'task_2' },
          task: aTask({ id: 'task_2', kind: 'stop' }),
        },
        { status: 202 },
      ),
    ),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Stop demo' }));
  await waitFor(() => expect(screen.getByTestId('status-demo')).toHaveTextContent('Stopping'));
  expect(await screen.findByTestId('task-monitor-demo')).toHaveTextContent('Stop demo');
  const done = aTask({ id: 'task_2', kind: 'stop', status: 'completed', version: 9 });
  await emit(11, aTaskEvent('task.changed', done, aCluster({ status: 'STOPPED', version: 3 })));
  await waitFor(() => expect(screen.getByTestId('task-status')).toHaveTextContent('Completed'));
});

it('says in words that its host is silent', async () => {
  await show({
    clusters: [aCluster({ status: 'RUNNING', health: 'UNREACHABLE', host: 'host-a' })],
  });
  expect(await screen.findByTestId('unreachable-demo')).toHaveTextContent(
    'No contact with host-a for 30 seconds',
  );
});

it('says when it will stop by itself and why, and lets that be changed', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const idle = {
    since: new Date(Date.now() - 26 * 60_000).toISOString(),
    because: 'exec',
    stops_at: new Date(Date.now() + 4 * 60_000).toISOString(),
  };
  const cluster = aCluster({ status: 'RUNNING', auto_stop_minutes: 30, idle });
  await show({ clusters: [cluster] });
  const line = await screen.findByTestId('idle-demo');
  expect(line).toHaveTextContent(/Stops at .*, in 4 min 00 s/);
  expect(line).toHaveTextContent('Last used 26 min ago: a command.');
  let body: unknown;
  server.use(
    http.post('*/api/v1/clusters/:id/auto-stop', async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({ ...cluster, auto_stop_minutes: null, idle: null, version: 2 });
    }),
  );
  await userEvent.click(screen.getByRole('combobox', { name: 'Auto-stop' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Never' }));
  await waitFor(() => expect(screen.queryByTestId('idle-demo')).not.toBeInTheDocument());
  expect(body).toEqual({ minutes: null });
});

it('stays with its story when the cluster is deleted meanwhile', async () => {
  await show();
  expect(await screen.findByRole('heading', { name: 'demo' })).toBeVisible();
  await emit(11, eventOf(aCluster({ status: 'DELETED', version: 5 })));
  expect(await screen.findByText('This cluster was deleted')).toBeVisible();
  expect(await screen.findByText('Deleted', { selector: 'li *' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Delete demo' })).not.toBeInTheDocument();
});

it('shows what is known of a cluster that is not there any more', async () => {
  await show({ clusters: [] });
  expect(await screen.findByRole('heading', { name: 'Cluster not found' })).toBeVisible();
});

it('warns in time, extends at the press of a button', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const ends = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const cluster = aCluster({ status: 'RUNNING', expires_at: ends(10) });
  await show({ clusters: [cluster] });
  await screen.findByRole('heading', { name: 'demo' });
  const warning = { ...eventOf(cluster, 'cluster.expiring'), time: new Date().toISOString() };
  await emit(11, warning);
  expect(await screen.findByText('demo expires in 10 min')).toBeInTheDocument();
  server.use(
    http.post('*/api/v1/clusters/:id/extend', () =>
      HttpResponse.json({ ...cluster, expires_at: ends(70), version: 2 }),
    ),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Extend by 1 hour' }));
  expect(await screen.findByText(/Extended until/)).toBeInTheDocument();
});

it('says nothing of a warning that comes too late', async () => {
  const cluster = aCluster({ status: 'RUNNING' });
  await show({ clusters: [cluster] });
  await screen.findByRole('heading', { name: 'demo' });
  await emit(11, eventOf(cluster, 'cluster.expiring'));
  expect(screen.queryByText(/demo expires in/)).not.toBeInTheDocument();
});
