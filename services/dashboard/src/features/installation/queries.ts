// Hosts and the installation as queries: read when shown, and again when an event says that they changed.
import { queryOptions } from '@tanstack/react-query';
import { api } from '@/lib/api/client';

export const HOSTS = ['hosts'] as const;
export const INSTALLATION = ['installation'] as const;

export const hostsQuery = queryOptions({
  queryKey: HOSTS,
  queryFn: ({ signal }) => api.hosts(signal),
  retry: false,
});

export const installationQuery = queryOptions({
  queryKey: INSTALLATION,
  queryFn: ({ signal }) => api.installation(signal),
  retry: false,
});
