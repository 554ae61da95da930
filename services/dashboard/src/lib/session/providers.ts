// The providers of identities that one can log in by.
import { queryOptions } from '@tanstack/react-query';
import { account } from '@/lib/api/account';

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: ({ signal }) => account.providers(signal),
  retry: false,
  staleTime: 60_000,
});
