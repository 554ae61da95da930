// One's own logins and API tokens.
import { queryOptions } from '@tanstack/react-query';
import { account } from '@/lib/api/account';

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => account.sessions(signal),
  retry: false,
});

export const identitiesQuery = queryOptions({
  queryKey: ['identities'],
  queryFn: ({ signal }) => account.identities(signal),
  retry: false,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => account.tokens(signal),
  retry: false,
});
