// How a list of tasks follows a change of one: pure, so that every order can be tried.
import type { InfiniteData } from '@tanstack/react-query';
import type { TaskFilter } from '@/lib/api/client';
import type { Page, Task } from '@/lib/api/types';

type Pages = InfiniteData<Page<Task>, string | undefined>;

export const fits = (task: Task, filter: TaskFilter) =>
  (!filter.cluster_id || task.cluster_id === filter.cluster_id) &&
  (!filter.status || task.status === filter.status) &&
  (!filter.kind || task.kind === filter.kind);

/** The pages after a change; the same pages when nothing changes. */
export function patchPages(pages: Pages, task: Task, filter: TaskFilter): Pages {
  const known = pages.pages.flatMap((page) => page.items).find(({ id }) => id === task.id);
  if (known && known.version > task.version) return pages;
  const fit = fits(task, filter);
  if (known) {
    return mapItems(pages, (items) =>
      items.flatMap((one) => (one.id !== task.id ? one : fit ? task : [])),
    );
  }
  const [first, ...others] = pages.pages;
  if (!fit || !first || !belongsOnTop(first, task)) return pages;
  const items = [task, ...first.items].sort((a, b) => b.created_at.localeCompare(a.created_at));
  return { ...pages, pages: [{ ...first, items }, ...others] };
}

/** What is older than the first page belongs to a page that has not been read. */
const belongsOnTop = (first: Page<Task>, task: Task) =>
  !first.next_cursor || task.created_at >= (first.items.at(-1)?.created_at ?? '');

const mapItems = (pages: Pages, map: (items: Task[]) => Task[]): Pages => ({
  ...pages,
  pages: pages.pages.map((page) => ({ ...page, items: map(page.items) })),
});
