// The shares of a cluster and who may reach it. Shares send no events: they are asked for now and
// then while they are shown.
import { queryOptions } from '@tanstack/react-query';
import { PEOPLE } from '@/features/organizations/queries';
import { people } from '@/lib/api/people';

export const ASK_MS = 15_000;

export const sharesQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'shares', id],
    queryFn: ({ signal }) => people.shares(id, signal),
    retry: false,
    refetchInterval: ASK_MS,
  });

export const accessQuery = (id: string) =>
  queryOptions({
    queryKey: [...PEOPLE, 'access', id],
    queryFn: ({ signal }) => people.access(id, signal),
    retry: false,
    staleTime: ASK_MS,
  });
