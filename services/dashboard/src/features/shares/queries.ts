// The shares of a cluster and who may reach it: read when shown, again when an event tells of a
// change.
import { queryOptions } from '@tanstack/react-query';
import { PEOPLE } from '@/features/organizations/queries';
import { people } from '@/lib/api/people';

const STALE_MS = 15_000;

export const sharesQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'shares', id],
    queryFn: ({ signal }) => people.shares(id, signal),
    retry: false,
  });

export const accessQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'access', id],
    queryFn: ({ signal }) => people.access(id, signal),
    retry: false,
    staleTime: STALE_MS,
  });
