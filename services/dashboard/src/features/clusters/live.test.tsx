// The list of clusters while events come, are lost and come again.
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Cluster, Reason } from '@/lib/api/types';
import { POLL_MS } from '@/lib/live';
import { FakeEventSource } from '@/test/event-source';
import { aCluster, aTask, aTaskEvent, eventOf, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showPart } from '@/test/show';
import { ClustersPage } from './clusters-page';

/** A page showing these clusters, connected; counts how often the list was read. */
async function show(...clusters: Cluster[]) {
  const reads = { count: 0, items: clusters };
  server.use(
    http.get('*/api/v1/clusters', () => {
      reads.count += 1;
      return listAnswer(reads.items, '0000000a-10');
    }),
    http.get('*/api/v1/tasks/:id', () => HttpResponse.json(aTask({ version: 1 }))),
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
  );
  showPart(<ClustersPage />);
  await waitFor(() => expect(FakeEventSource.all).toHaveLength(1));
  act(() => FakeEventSource.last.ready('0000000a-10'));
  return reads;
}

const emit = (position: number, cluster: Cluster, type?: string) =>
  act(async () => FakeEventSource.last.event(`0000000a-${position}`, eventOf(cluster, type)));

it('listens from where the list was read', async () => {
  await show(aCluster());
  expect(FakeEventSource.last.url).toBe('/api/v1/events?since=0000000a-10');
});

it('changes the badge when the event comes, reads nothing again, and says it', async () => {
  const reads = await show(aCluster());
  await emit(11, aCluster({ status: 'RUNNING', version: 2 }));
  expect(await screen.findByTestId('status-demo')).toHaveTextContent('Running');
  expect(await screen.findByText('demo is running')).toBeInTheDocument();
  expect(reads.count).toBe(1);
});

it('ignores a lower version', async () => {
  await show(aCluster({ status: 'RUNNING', version: 5 }));
  await emit(11, aCluster({ status: 'PROVISIONING', version: 4 }));
  await emit(12, aCluster({ name: 'later' }), 'cluster.created');
  expect(await screen.findByTestId('status-later')).toBeVisible();
  expect(screen.getByTestId('status-demo')).toHaveTextContent('Running');
});

it('adds what is created and removes what is deleted', async () => {
  await show();
  expect(await screen.findByRole('heading', { name: 'Your first cluster' })).toBeVisible();
  await emit(11, aCluster(), 'cluster.created');
  expect(await screen.findByTestId('status-demo')).toBeVisible();
  await emit(12, aCluster({ status: 'DELETING', version: 2 }));
  await emit(13, aCluster({ status: 'DELETED', version: 3 }));
  await waitFor(() => expect(screen.queryByTestId('status-demo')).not.toBeInTheDocument());
  await emit(14, aCluster({ status: 'DELETING', version: 2 }));
  await emit(15, aCluster({ name: 'later' }), 'cluster.created');
  expect(await screen.findByTestId('status-later')).toBeVisible();
  expect(screen.queryByTestId('status-demo')).not.toBeInTheDocument();
  expect(await screen.findByText('demo was deleted')).toBeInTheDocument();
});

it('shows the steps of the open task as their events arrive', async () => {
  const cluster = aCluster({ task_id: 'task_1' });
  await show(cluster);
  expect(await screen.findByText(/Waiting for a host/)).toBeVisible();
  const task = aTask({
    status: 'in_progress',
    version: 2,
    percent: 25,
    steps: [
      { step: 'prepare', started_at: cluster.created_at, ended_at: cluster.created_at },
      { step: 'create', started_at: cluster.created_at, ended_at: null },
    ],
  });
  act(() =>
    FakeEventSource.last.event('0000000a-11', aTaskEvent('task.step_began', task, cluster)),
  );
  expect(await screen.findByText(/Creating the node · 2 of 4/)).toBeVisible();
});

it('shows why a cluster failed, with what to do', async () => {
  const reason: Reason = {
    code: 'image_missing',
    message: 'No image.',
    fix: 'Run make node-image.',
  };
  await show(aCluster());
  const failure = { by: 'platform' as const, retryable: true };
  let retried = '';
  server.use(
    http.get('*/api/v1/tasks', () => page([aTask({ status: 'failed', reason, failure })])),
    http.post('*/api/v1/tasks/:id/retry', ({ params }) => {
      retried = String(params.id);
      const task = aTask({ id: 'task_2', retry_of: 'task_1' });
      return HttpResponse.json({ cluster: aCluster({ version: 3 }), task }, { status: 202 });
    }),
  );
  await emit(11, aCluster({ status: 'ERROR', version: 2, reason }));
  await waitFor(() =>
    expect(screen.getByTestId('reason-demo')).toHaveTextContent(
      'No image.Retry. If the task fails again, ask your administrator to fix this.',
    ),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Retry demo' }));
  await waitFor(() => expect(screen.queryByTestId('reason-demo')).not.toBeInTheDocument());
  expect(retried).toBe('task_1');
});

it('leads with the place in the queue, not with what a host lacks', async () => {
  const reason: Reason = { code: 'queued', message: 'host-a is low on memory.', fix: 'Wait.' };
  const queue = { position: 3, wait_secs: 360 };
  const cluster = aCluster({ task_id: 'task_1', reason });
  await show(cluster);
  const task = aTask({ version: 2, queue, reason });
  act(() => FakeEventSource.last.event('0000000a-11', aTaskEvent('task.changed', task, cluster)));
  expect(await screen.findByText(/^Waiting: 3rd in queue, about 6 min/)).toBeVisible();
  expect(screen.queryByText(/low on memory/)).not.toBeInTheDocument();
});

it('ends the error of an outage as soon as events come again', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { items } = await show(aCluster());
  act(() => FakeEventSource.last.breakOff());
  server.use(http.get('*/api/v1/clusters', () => HttpResponse.error()));
  await act(() => vi.advanceTimersByTimeAsync(POLL_MS + 100));
  expect(await screen.findByRole('alert')).toHaveTextContent('Can’t reach the server');
  server.use(http.get('*/api/v1/clusters', () => listAnswer(items, '0000000a-10')));
  act(() => FakeEventSource.last.ready('0000000a-10'));
  await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
});

it('says of a kubeconfig how long and where it works', async () => {
  URL.createObjectURL = () => 'blob:1';
  URL.revokeObjectURL = () => {};
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
  await show(aCluster({ status: 'RUNNING', host: 'host-a' }));
  server.use(http.get('*/api/v1/clusters/:id/kubeconfig', () => HttpResponse.text('{}')));
  await userEvent.click(
    await screen.findByRole('button', { name: 'Download kubeconfig for demo' }),
  );
  expect(await screen.findByText(/Works for 1 hour, on host-a only/)).toBeInTheDocument();
});

it('lists again on a reset', async () => {
  const reads = await show(aCluster({ version: 9 }));
  reads.items = [aCluster({ status: 'RUNNING', version: 3 })];
  act(() => FakeEventSource.last.emit('reset', '0000000b-1', { reason: 'other_incarnation' }));
  await waitFor(() => expect(screen.getByTestId('status-demo')).toHaveTextContent('Running'));
  expect(reads.count).toBe(2);
});

it('reads the list every few seconds while the stream is lost, and not when it is back', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const reads = await show(aCluster());
  await act(() => vi.advanceTimersByTimeAsync(3 * POLL_MS));
  expect(reads.count).toBe(1);
  act(() => FakeEventSource.last.breakOff());
  expect(await screen.findByTestId('polling-notice')).toBeVisible();
  await act(() => vi.advanceTimersByTimeAsync(POLL_MS + 100));
  expect(reads.count).toBe(2);
  act(() => FakeEventSource.last.ready('0000000a-10'));
  await waitFor(() => expect(screen.queryByTestId('polling-notice')).not.toBeInTheDocument());
  const before = reads.count;
  await act(() => vi.advanceTimersByTimeAsync(3 * POLL_MS));
  expect(reads.count).toBe(before);
});

it('shows what is wrong when the list cannot be read, and tries again when asked', async () => {
  server.use(http.get('*/api/v1/clusters', () => problem(503, 'unavailable', 'Not now.')));
  showPart(<ClustersPage />);
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now. Do this.');
  server.use(http.get('*/api/v1/clusters', () => listAnswer([aCluster()], '0000000a-1')));
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByTestId('status-demo')).toBeVisible();
});

it('lets commands and kubeconfig be had from a running cluster only', async () => {
  await show(aCluster());
  expect(await screen.findByRole('button', { name: 'Run command in demo' })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Download kubeconfig for demo' })).toBeDisabled();
  await emit(11, aCluster({ status: 'RUNNING', version: 2 }));
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Run command in demo' })).toBeEnabled(),
  );
});

it('asks before it deletes, and shows at once that it is being deleted', async () => {
  const cluster = aCluster({ status: 'RUNNING' });
  await show(cluster);
  server.use(
    http.delete('*/api/v1/clusters/:id', () =>
      HttpResponse.json(
        {
          cluster: { ...cluster, status: 'DELETING', version: 2 },
          task: aTask({ kind: 'delete' }),
        },
        { status: 202 },
      ),
    ),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Delete demo' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Delete cluster' }));
  await waitFor(() => expect(screen.getByTestId('status-demo')).toHaveTextContent('Deleting'));
  expect(screen.getByRole('button', { name: 'Delete demo' })).toBeDisabled();
});
