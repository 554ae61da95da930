// The accounts of providers that one logs in by.
import { Button, Group, Text } from '@mantine/core';
import { IconCircleCheck, IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Loaded } from '@/components/loaded';
import { Note } from '@/components/note';
import { ProblemAlert } from '@/components/problem-alert';
import { RefusedNote } from '@/components/refused-note';
import { Setting } from '@/components/setting';
import { account } from '@/lib/api/account';
import type { Identity } from '@/lib/api/types';
import { leaveTo } from '@/lib/leave';
import { providersQuery } from '@/lib/session/providers';
import { age, exact } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './profile.module.css';
import { identitiesQuery, sessionsQuery } from './queries';

export function Connections() {
  const providers = useQuery(providersQuery);
  const identities = useQuery(identitiesQuery);
  const { connected, refused } = useSearch({ from: '/members/profile' });
  const connect = useMutation({ mutationFn: account.connect, onSuccess: (url) => leaveTo(url) });
  const known = providers.data ?? [];
  // An installation without providers has nothing to connect.
  if (known.length === 0 && !identities.data?.length) return null;
  const label = (id: string) => known.find((provider) => provider.id === id)?.label ?? id;
  return (
    <Setting title="Connected accounts">
      <Text size="sm" c="dimmed">
        Anyone logged in to one of these accounts can log in here as you.
      </Text>
      {refused && <RefusedNote why={refused} />}
      {connected && (
        <Note tone="green" role="status" icon={<IconCircleCheck aria-hidden />}>
          {label(connected)} is connected. You can log in with it.
        </Note>
      )}
      {connect.error && <ProblemAlert error={connect.error} />}
      <Loaded asked={identities} name="Loading your connected accounts" height={50}>
        {(list) => (
          <ul className={classes.list} aria-label="Connected accounts">
            {list.map((identity) => (
              <IdentityRow key={identity.id} identity={identity} label={label(identity.provider)} />
            ))}
          </ul>
        )}
      </Loaded>
      <Group gap="sm">
        {known.map((provider) => (
          <Button
            key={provider.id}
            variant="default"
            loading={connect.isPending && connect.variables === provider.id}
            onClick={() => connect.mutate(provider.id)}
          >
            Connect {provider.label}
          </Button>
        ))}
      </Group>
    </Setting>
  );
}

function IdentityRow({ identity, label }: { identity: Identity; label: string }) {
  const now = useNow();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => account.disconnect(identity.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: identitiesQuery.queryKey });
      await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <li className={classes.row}>
      <IconPlugConnected size={19} aria-hidden />
      <span className={classes.what}>
        <span className={classes.name}>
          {label} · {identity.email ?? identity.subject}
        </span>
        <span className={classes.detail} title={exact(identity.created_at)}>
          last used {age(now - Date.parse(identity.last_used_at))}
        </span>
      </span>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Disconnect ${label}`}
        loading={end.isPending}
        onClick={() => end.mutate()}
      >
        Disconnect
      </Button>
      {end.error && <ProblemAlert error={end.error} />}
    </li>
  );
}
