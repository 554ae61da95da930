// /login
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState, useSearch } from '@tanstack/react-router';
import { Note } from '@/components/note';
import { ProblemAlert } from '@/components/problem-alert';
import { api } from '@/lib/api/client';
import { ApiError } from '@/lib/api/problem';
import { AuthCard } from './auth-card';
import { Providers } from './providers';
import { RefusedNote } from './refused';
import { safeNext } from './session';

declare module '@tanstack/history' {
  interface HistoryState {
    /** The address that has just been registered. */
    registered?: string;
    /** The address an invitation is for. */
    email?: string;
  }
}

export function LoginPage() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { next, refused: why } = useSearch({ strict: false }) as {
    next?: string;
    refused?: string;
  };
  const registered = useRouterState({ select: (state) => state.location.state.registered });
  const invited = useRouterState({ select: (state) => state.location.state.email });
  const form = useForm({
    initialValues: { email: registered ?? invited ?? '', password: '' },
    validate: {
      email: (email) => (email.trim() === '' ? 'Your e-mail address is needed' : null),
      password: (password) => (password === '' ? 'Your password is needed' : null),
    },
  });
  const logIn = useMutation({
    mutationFn: (values: typeof form.values) =>
      api.logIn({ email: values.email.trim(), password: values.password }),
    onSuccess: async () => {
      queries.clear();
      await navigate({ to: safeNext(next), replace: true });
    },
  });
  const refused = logIn.error instanceof ApiError && logIn.error.status === 401;

  return (
    <AuthCard title="Log in" intro="Welcome back. Your clusters are waiting.">
      <form onSubmit={form.onSubmit((values) => logIn.mutate(values))} noValidate>
        <Stack>
          {why && !logIn.error && <RefusedNote why={why} />}
          {registered && !logIn.error && (
            <Note
              tone="green"
              role="status"
              title="Your account is ready"
              icon={<IconCircleCheck aria-hidden />}
            >
              Log in with the password you have just chosen.
            </Note>
          )}
          {logIn.error && (
            <ProblemAlert error={logIn.error} title={refused ? 'That did not work' : undefined} />
          )}
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            data-autofocus={!registered}
            autoFocus={!registered}
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            autoFocus={Boolean(registered)}
            required
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={logIn.isPending} fullWidth mt="xs" size="md">
            Log in
          </Button>
        </Stack>
      </form>
      <Providers next={next} />
      <Text mt="lg" size="sm" ta="center">
        New here?{' '}
        <Anchor
          renderRoot={(props) => <Link to="/register" search={next ? { next } : {}} {...props} />}
        >
          Create an account
        </Anchor>
      </Text>
    </AuthCard>
  );
}
