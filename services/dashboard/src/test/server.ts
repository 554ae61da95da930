// The HTTP API as a test wants it.
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { Cluster, Problem } from '@/lib/api/types';

/** What every page asks for and few tests are about; a test that is says otherwise. */
export const server = setupServer(
  http.get('*/api/v1/auth/providers', () => page([])),
  http.get('*/api/v1/auth/identities', () => page([])),
);

export const listAnswer = (items: Cluster[], cursor: string) =>
  HttpResponse.json({ items, next_cursor: null }, { headers: { 'Labyard-Position': cursor } });

export function problem(status: number, code: string, message: string, more?: Partial<Problem>) {
  return HttpResponse.json(
    {
      type: `/docs/errors#${code}`,
      title: `Title of ${code}`,
      status,
      detail: message,
      code,
      reason: { code, message, fix: 'Do this.' },
      ...more,
    },
    { status, headers: { 'Content-Type': 'application/problem+json' } },
  );
}

export const versions = () =>
  http.get('*/api/v1/cluster-versions', () =>
    HttpResponse.json({ items: [{ version: 'v1.34.4', default: true }], next_cursor: null }),
  );

/** A list that has one page. */
export const page = (items: unknown[]) =>
  HttpResponse.json({ items: items as object[], next_cursor: null });
