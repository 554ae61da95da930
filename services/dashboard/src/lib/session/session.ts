// The session: who is signed in, asked once, and where a log-in leads.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { api } from '@/lib/api/client';
import { ApiError } from '@/lib/api/problem';
import type { Me } from '@/lib/api/types';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: api.me,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export const isSignedOut = (error: unknown) => error instanceof ApiError && error.status === 401;

/** The signed-in person, or `null`; throws when the server cannot say. */
export async function whoAmI(queries: QueryClient): Promise<Me | null> {
  try {
    return await queries.ensureQueryData(meQuery);
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

/** Where to go after logging in: a path of this site, never another one. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/dashboard';
}
