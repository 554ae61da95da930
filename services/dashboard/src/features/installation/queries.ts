// What is known of hosts and the installation: read when shown, again when an event tells of a change.
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
