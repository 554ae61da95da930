// The Tasks page: filters, pages, the task beside it.
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Task } from '@/lib/api/types';
import { FakeEventSource } from '@/test/event-source';
import { aCluster, aTask, aTaskEvent, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';
import { tasksSearch } from './tasks-page';

async function show(tasks: Task[], path = '/tasks') {
  const asked: string[] = [];
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer([aCluster()], '0000000a-10')),
    http.get('*/api/v1/tasks', ({ request }) => {
      asked.push(new URL(request.url).search);
      return page(tasks);
    }),
    http.get('*/api/v1/tasks/:id', () => HttpResponse.json(tasks[0])),
  );
  showApp(path);
  await waitFor(() => expect(FakeEventSource.all).toHaveLength(1));
  act(() => FakeEventSource.last.ready('0000000a-10'));
  return asked;
}

it('lists tasks, follows them by events and opens one', async () => {
  const asked = await show([aTask({ status: 'in_progress' })]);
  const row = await screen.findByTestId('task-task_1');
  expect(row).toHaveTextContent('Create demo');
  const done = aTask({ status: 'completed', version: 2, ended_at: '2026-01-01T00:00:09.000Z' });
  act(() =>
    FakeEventSource.last.event('0000000a-11', aTaskEvent('task.changed', done, aCluster())),
  );
  await waitFor(() => expect(row).toHaveTextContent('Completed'));
  await userEvent.click(row);
  expect(await screen.findByTestId('task-monitor-demo')).toBeVisible();
  expect(asked).toEqual(['?limit=30']);
});

it('filters by what its address says, and by choice', async () => {
  const asked = await show([], '/tasks?status=failed');
  expect(await screen.findByText('No matching tasks')).toBeVisible();
  await userEvent.click(screen.getByRole('combobox', { name: 'Kind' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Stop' }));
  await waitFor(() => expect(asked.at(-1)).toBe('?status=failed&kind=stop&limit=30'));
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  await waitFor(() => expect(asked.at(-1)).toBe('?limit=30'));
});

it('says what is wrong and tries again when asked', async () => {
  await show([aTask()]);
  server.use(http.get('*/api/v1/tasks', () => problem(503, 'unavailable', 'Not now.')));
  await userEvent.click(await screen.findByRole('combobox', { name: 'Status' }));
  await userEvent.click(await screen.findByRole('option', { name: 'Failed' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
  expect(screen.getByRole('button', { name: 'Try again' })).toBeEnabled();
});

it('takes nothing from the address that it does not know', () => {
  expect(tasksSearch({ status: 'sung', kind: 'create', cluster: 7, task: 'task_1' })).toEqual({
    status: undefined,
    kind: 'create',
    cluster: undefined,
    task: 'task_1',
  });
});
