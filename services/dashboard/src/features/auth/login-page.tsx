// /login: by password, or by a provider.
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { AuthCard } from '@/components/auth-card';
import { Note } from '@/components/note';
import { ProblemAlert } from '@/components/problem-alert';
import { RefusedNote } from '@/components/refused-note';
import { api } from '@/lib/api/client';
import { ApiError } from '@/lib/api/problem';
import { safeNext } from '@/lib/session/session';
import { Providers } from './providers';

declare module '@tanstack/history' {
  interface HistoryState {
    /** The address that has just been registered. */
    registered?: string;
    /** The address an invitation is for. */
    email?: string;
  }
}

/** Nobody is sent e-mail: an administrator makes the link. */
function ForgotPassword() {
  const [open, setOpen] = useState(false);
  return (
    <Text mt="md" size="sm" ta="center" component="div">
      <Anchor
        component="button"
        type="button"
        size="sm"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        Forgot password?
      </Anchor>
      {open && (
        <Text size="sm" c="dimmed" mt={6} role="status">
          Ask your administrator for a reset link: they create one under your email, and you open it
          to choose a new password.
        </Text>
      )}
    </Text>
  );
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
      email: (email) => (email.trim() === '' ? 'Enter your email' : null),
      password: (password) => (password === '' ? 'Enter your password' : null),
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
    <AuthCard title="Log in" intro="Welcome back.">
      <form onSubmit={form.onSubmit((values) => logIn.mutate(values))} noValidate>
        <Stack>
          {why && !logIn.error && <RefusedNote why={why} />}
          {registered && !logIn.error && (
            <Note
              tone="green"
              role="status"
              title="Account created"
              icon={<IconCircleCheck aria-hidden />}
            >
              Log in with the password you just chose.
            </Note>
          )}
          {logIn.error && (
            <ProblemAlert error={logIn.error} title={refused ? 'Couldn’t log in' : undefined} />
          )}
          <TextInput
            label="Email"
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
      <ForgotPassword />
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
