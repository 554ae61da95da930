// Lists of tasks after changes in any order.
import type { TaskFilter } from '@/lib/api/client';
import type { Task } from '@/lib/api/types';
import { aTask } from '@/test/samples';
import { newer } from './cache';
import { patchPages } from './changes';

const pages = (items: Task[], next_cursor: string | null = null) => ({
  pages: [{ items, next_cursor }],
  pageParams: [undefined],
});
const patched = (list: ReturnType<typeof pages>, task: Task, filter: TaskFilter = {}) =>
  patchPages(list, task, filter).pages.flatMap((page) => page.items);
const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

it('puts a new task on top', () => {
  const list = pages([aTask({ id: 'old', created_at: at(1) })]);
  expect(patched(list, aTask({ id: 'new', created_at: at(2) })).map(({ id }) => id)).toEqual([
    'new',
    'old',
  ]);
});

it('follows a task and ignores a lower version', () => {
  const list = pages([aTask({ version: 4, status: 'completed' })]);
  expect(patchPages(list, aTask({ version: 3, status: 'in_progress' }), {})).toBe(list);
  expect(patched(list, aTask({ version: 5, status: 'failed' }))[0]?.status).toBe('failed');
});

it('keeps to its filter', () => {
  const open = pages([aTask({ status: 'in_progress' })]);
  expect(
    patched(open, aTask({ version: 2, status: 'completed' }), { status: 'in_progress' }),
  ).toEqual([]);
  expect(patched(pages([]), aTask({ kind: 'stop' }), { kind: 'create' })).toEqual([]);
  expect(patched(pages([]), aTask(), { cluster_id: 'clu_other' })).toEqual([]);
});

it('leaves what is older than its first page to the pages that follow', () => {
  const list = pages([aTask({ id: 'shown', created_at: at(5) })], 'more');
  expect(patchPages(list, aTask({ id: 'older', created_at: at(1) }), {})).toBe(list);
});

it('keeps the log of an answer when an event without it follows', () => {
  const began = { step: 'prepare' as const, started_at: at(0), ended_at: null };
  const read = aTask({ version: 2, steps: [{ ...began, log: ['made'] }] });
  const event = aTask({ version: 3, steps: [{ ...began, ended_at: at(1) }] });
  expect(newer(read, event).steps[0]).toMatchObject({ ended_at: at(1), log: ['made'] });
  expect(newer(event, read).steps[0]).toMatchObject({ ended_at: at(1), log: ['made'] });
  expect(newer(event, read).version).toBe(3);
});
