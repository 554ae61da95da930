// How every request is sent and its answer read: every failure is an ApiError.
import createClient from 'openapi-fetch';
import { noteServerDate } from '@/lib/time/clock';
import { isKept, OpenRequests } from './once';
import { fromAnswer, unreachable } from './problem';
import type { Page, paths } from './types';

/** The header with the cursor at which an answer was read. */
const POSITION = 'Labyard-Position';
/** Items on a page of a list, and the most pages one list is read for. */
export const PAGE_SIZE = 200;
export const PAGES_MAX = 10;

// Requests are absolute only because tests run where relative ones cannot be sent.
export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin,
  fetch: (request) => globalThis.fetch(request),
});

const KEY = 'Idempotency-Key';
const open = new OpenRequests();
client.use({
  async onRequest({ request }) {
    const { pathname, search } = new URL(request.url);
    if (!isKept(request.method, pathname)) return;
    const body = await request.clone().text();
    request.headers.set(KEY, open.key(`${request.method} ${pathname}${search} ${body}`));
  },
  onResponse({ request, response }) {
    const key = request.headers.get(KEY);
    // After a 5xx it is unknown whether the change was made: a repetition keeps its key.
    if (key && response.status < 500) open.answered(key);
  },
});

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function answer<T>(sent: Promise<Reply<T>>): Promise<{ data: T; response: Response }> {
  let reply: Reply<T>;
  try {
    reply = await sent;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw unreachable();
  }
  noteServerDate(reply.response.headers.get('Date'), Date.now());
  if (!reply.response.ok) throw fromAnswer(reply.response.status, reply.error);
  return { data: reply.data as T, response: reply.response };
}

export const data = async <T>(sent: Promise<Reply<T>>): Promise<T> => (await answer(sent)).data;

/** An answer, with the cursor at which it was read. */
export interface Positioned<T> {
  value: T;
  cursor: string | null;
}

export async function positioned<T>(sent: Promise<Reply<T>>): Promise<Positioned<T>> {
  const { data: value, response } = await answer(sent);
  return { value, cursor: response.headers.get(POSITION) };
}

export const path = (id: string) => ({ params: { path: { id } } });

/** The same, refused if the object is no longer as it was seen. */
export const seenAs = <S extends string>(id: string, expect_status: S) => ({
  params: { path: { id }, query: { expect_status } },
});

/** The items of a list that is read page by page, up to `PAGES_MAX` pages. */
export async function every<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await read({ limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) });
    items.push(...answer.items);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return items;
}
