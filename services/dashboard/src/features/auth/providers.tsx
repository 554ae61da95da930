// A button for each provider of identities that one can log in by.
import { Button, Divider, Stack } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { account } from '@/lib/api/account';
import { leaveTo } from '@/lib/leave';
import { keptToken } from '@/lib/session/kept-token';
import { providersQuery } from '@/lib/session/providers';
import classes from './providers.module.css';

export function Providers({ next }: { next?: string }) {
  const providers = useQuery(providersQuery);
  const begin = useMutation({
    mutationFn: (provider: string) => {
      // The login accepts an invitation that waits in this tab.
      const invitation = next === '/invitation' ? keptToken('invitation') : null;
      return account.beginLogin(provider, {
        ...(next ? { next } : {}),
        ...(invitation ? { invitation } : {}),
      });
    },
    onSuccess: (url) => leaveTo(url),
  });
  // Without an answer there is still the password.
  if (!providers.data?.length) return null;
  return (
    <Stack mt="lg" gap="sm">
      <Divider label="or" />
      {begin.error && <ProblemAlert error={begin.error} />}
      {providers.data.map(({ id, label }) => (
        <Button
          key={id}
          variant="default"
          size="md"
          fullWidth
          classNames={{ root: classes.provider, label: classes.providerLabel }}
          leftSection={<IconLogin2 size={18} aria-hidden />}
          loading={(begin.isPending || begin.isSuccess) && begin.variables === id}
          disabled={begin.isPending && begin.variables !== id}
          onClick={() => begin.mutate(id)}
        >
          Continue with {label}
        </Button>
      ))}
    </Stack>
  );
}
