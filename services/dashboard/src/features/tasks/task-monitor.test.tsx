// One task followed until it ends.
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Cluster, Task } from '@/lib/api/types';
import { POLL_MS } from '@/lib/live';
import { FakeEventSource } from '@/test/event-source';
import { aCluster, aTask, aTaskEvent, me } from '@/test/samples';
import { listAnswer, problem, server } from '@/test/server';
import { showPart } from '@/test/show';
import { TaskMonitor, type TaskMonitorProps } from './task-monitor';

const BEGAN = '2026-01-01T00:00:00.000Z';
const ENDED = '2026-01-01T00:00:03.000Z';

/** A monitor of this task, connected; `reads.task` is what the server tells of it. */
async function show(task: Task, cluster: Cluster, more: Partial<TaskMonitorProps> = {}) {
  const reads = { count: 0, task };
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer([cluster], '0000000a-10')),
    http.get('*/api/v1/tasks/:id', () => {
      reads.count += 1;
      return HttpResponse.json(reads.task);
    }),
  );
  showPart(<TaskMonitor taskId={task.id} {...more} />);
  await waitFor(() => expect(FakeEventSource.all).toHaveLength(1));
  act(() => FakeEventSource.last.ready('0000000a-10'));
  await screen.findByTestId('task-monitor-demo');
  return reads;
}

const status = () => screen.getByTestId('task-status').textContent;
const failed = (more: Partial<Task> = {}) =>
  aTask({
    status: 'failed',
    percent: 25,
    reason: { code: 'image_missing', message: 'No image.', fix: 'Run make node-image.' },
    failure: { by: 'platform', retryable: true },
    ended_at: ENDED,
    ...more,
  });

it.each([
  ['pending', 'Pending'],
  ['in_progress', 'In progress'],
  ['completed', 'Completed'],
  ['failed', 'Failed'],
  ['cancelled', 'Canceled'],
] as const)('marks a task that is %s', async (state, word) => {
  await show(aTask({ status: state }), aCluster());
  expect(status()).toBe(word);
});

it('follows steps by events, reads their log, and tells once of the end', async () => {
  const cluster = aCluster({ task_id: 'task_1' });
  const onComplete = vi.fn();
  const reads = await show(aTask({ status: 'in_progress' }), cluster, { onComplete });
  const step = { step: 'prepare' as const, worker: 'worker-a', started_at: BEGAN, ended_at: ENDED };
  const progressed = aTask({ status: 'in_progress', version: 2, percent: 25, steps: [step] });
  reads.task = { ...progressed, steps: [{ ...step, log: ['Network made'] }] };
  act(() =>
    FakeEventSource.last.event('0000000a-11', aTaskEvent('task.step_ended', progressed, cluster)),
  );
  const item = await screen.findByTestId('step-prepare');
  expect(item).toHaveTextContent('3.0 s');
  expect(item).toHaveTextContent('worker-a');
  expect(screen.getByTestId('task-percent')).toHaveTextContent('25%');
  await userEvent.click(await within(item).findByRole('button', { name: 'Log, 1 line' }));
  expect(within(item).getByText('Network made')).toBeVisible();

  const done = aTask({ status: 'completed', version: 3, percent: 100, ended_at: ENDED });
  reads.task = done;
  act(() => FakeEventSource.last.event('0000000a-12', aTaskEvent('task.changed', done, cluster)));
  await waitFor(() => expect(status()).toBe('Completed'));
  await waitFor(() => expect(onComplete).toHaveBeenCalledTimes(1));
});

it('asks nothing while events arrive, and every few seconds while they do not', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const reads = await show(aTask({ status: 'in_progress' }), aCluster({ task_id: 'task_1' }));
  const before = reads.count;
  await act(() => vi.advanceTimersByTimeAsync(3 * POLL_MS));
  expect(reads.count).toBe(before);
  act(() => FakeEventSource.last.breakOff());
  await act(() => vi.advanceTimersByTimeAsync(2 * POLL_MS + 100));
  expect(reads.count).toBeGreaterThan(before);
});

it('says the place in the queue and how long it may take', async () => {
  await show(aTask({ queue: { position: 3, wait_secs: 42 } }), aCluster());
  expect(screen.getByTestId('task-queue')).toHaveTextContent('Waiting: 3rd in queue, about 40 s');
});

it('asks before it cancels a create, and only if it is as it was seen', async () => {
  const cluster = aCluster({ task_id: 'task_1' });
  await show(aTask({ status: 'in_progress' }), cluster);
  let asked = '';
  server.use(
    http.post('*/api/v1/tasks/:id/cancel', ({ request }) => {
      asked = new URL(request.url).search;
      expect(request.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
      return HttpResponse.json(
        {
          cluster: { ...cluster, status: 'DELETING', version: 2, task_id: 'task_2' },
          task: aTask({ id: 'task_2', kind: 'delete' }),
        },
        { status: 202 },
      );
    }),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Cancel create' }));
  expect(asked).toBe('');
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel and delete' }));
  await waitFor(() => expect(asked).toBe('?expect_status=in_progress'));
});

it('cancels a start without a question, as nothing is lost', async () => {
  const cluster = aCluster({ status: 'STARTING', task_id: 'task_1' });
  await show(aTask({ kind: 'start', status: 'in_progress' }), cluster);
  server.use(
    http.post('*/api/v1/tasks/:id/cancel', () =>
      problem(409, 'wrong_status', 'It has completed meanwhile.'),
    ),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Cancel start' }));
  expect(await screen.findByText(/It has completed meanwhile/)).toBeVisible();
});

it('offers no cancel for a stop or a delete', async () => {
  await show(aTask({ kind: 'delete', status: 'in_progress' }), aCluster());
  expect(screen.queryByRole('button', { name: /Cancel/ })).not.toBeInTheDocument();
});

it('says who can fix a failure, tells of it with its error, and retries', async () => {
  const onError = vi.fn();
  const onFollow = vi.fn();
  const cluster = aCluster({ status: 'ERROR' });
  await show(failed(), cluster, { onError, onFollow });
  const alert = screen.getByRole('alert');
  expect(alert).toHaveTextContent('No image.');
  expect(alert).toHaveTextContent(
    'Retry. If the task fails again, ask your administrator to fix this.',
  );
  // What a host needs is for who looks after it.
  expect(alert).not.toHaveTextContent('make');
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'image_missing' }),
    expect.objectContaining({ id: 'task_1' }),
  );
  server.use(
    http.post('*/api/v1/tasks/:id/retry', () =>
      HttpResponse.json(
        {
          cluster: { ...cluster, status: 'PROVISIONING', version: 2, task_id: 'task_2' },
          task: aTask({ id: 'task_2', retry_of: 'task_1' }),
        },
        { status: 202 },
      ),
    ),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Retry task' }));
  await waitFor(() => expect(onFollow).toHaveBeenCalledWith('task_2'));
});

it('offers no retry where it would fail again', async () => {
  await show(failed({ failure: { by: 'user', retryable: false } }), aCluster({ status: 'ERROR' }));
  expect(screen.getByRole('alert')).toHaveTextContent('No image.Run make node-image.');
  expect(screen.queryByRole('button', { name: 'Retry task' })).not.toBeInTheDocument();
});

it('says when there is no such task', async () => {
  server.use(
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-10')),
    http.get('*/api/v1/tasks/:id', () => problem(404, 'not_found', 'No such task.')),
  );
  showPart(<TaskMonitor taskId="task_9" />);
  expect(await screen.findByText('Task not found')).toBeVisible();
});
