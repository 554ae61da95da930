// /device: logs in a program on a machine without a browser, by the code that it shows.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconCircleCheck, IconTerminal2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRouteContext, useRouterState } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { AuthCard } from '@/components/auth-card';
import { EmptyState } from '@/components/empty-state';
import { SignedInAs, WaysIn } from '@/components/link-page';
import { Note } from '@/components/note';
import { ProblemAlert } from '@/components/problem-alert';
import { account } from '@/lib/api/account';
import type { AskingDevice, Me } from '@/lib/api/types';
import { dropToken, keptToken } from '@/lib/session/kept-token';
import { moment } from '@/lib/time/format';

export function DevicePage() {
  const { me } = useRouteContext({ from: '/device' });
  // Another link opened in the same tab starts over.
  const opened = useRouterState({ select: ({ location }) => location.state.__TSR_key });
  return (
    <AuthCard
      title="Authorize a program"
      intro="Log in the labyard command on a machine without a browser."
    >
      {me ? <Ask key={opened} me={me} /> : <WaysIn next="/device" />}
    </AuthCard>
  );
}

function Ask({ me }: { me: Me }) {
  const [code, setCode] = useState(() => keptToken('device') ?? '');
  const inspect = useMutation({ mutationFn: account.inspectDevice });
  const decide = useMutation({
    mutationFn: (approve: boolean) => account.decideDevice(code, approve),
    onSuccess: () => dropToken('device'),
  });
  if (decide.isSuccess) return <Decided approved={decide.variables} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    inspect.mutate(code);
  };
  return (
    <Stack>
      {(decide.error ?? inspect.error) && <ProblemAlert error={decide.error ?? inspect.error} />}
      {inspect.data ? (
        <Decide device={inspect.data} me={me} busy={decide.isPending} decide={decide.mutate} />
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Code the program shows"
              placeholder="BCDF-GHJK"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              autoFocus
              maxLength={20}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button
              type="submit"
              size="md"
              fullWidth
              loading={inspect.isPending}
              disabled={!code.trim()}
            >
              Continue
            </Button>
          </Stack>
        </form>
      )}
      <SignedInAs me={me} />
    </Stack>
  );
}

function Decide(props: {
  device: AskingDevice;
  me: Me;
  busy: boolean;
  decide: (approve: boolean) => void;
}) {
  const { device, me, busy, decide } = props;
  return (
    <Stack>
      <Text size="sm" component="div">
        <b>{device.client}</b> wants to act as you{' '}
        {device.address ? `, from ${device.address}` : ''}. Requested {moment(device.created_at)}.
      </Text>
      <Note tone="orange" role="status" title="Did you start this yourself, just now?">
        The program can do everything {me.user.email} can. If someone sent you this code or link,
        deny access.
      </Note>
      <Group grow>
        <Button variant="default" size="md" disabled={busy} onClick={() => decide(false)}>
          Deny access
        </Button>
        <Button size="md" loading={busy} onClick={() => decide(true)}>
          Allow access
        </Button>
      </Group>
    </Stack>
  );
}

function Decided({ approved }: { approved: boolean }) {
  return (
    <EmptyState
      icon={approved ? IconCircleCheck : IconTerminal2}
      title={approved ? 'Access allowed' : 'Access denied'}
    >
      {approved
        ? 'The program continues within seconds. You can log it out in your profile.'
        : 'The program is notified and the code no longer works.'}
    </EmptyState>
  );
}
