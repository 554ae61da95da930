// /register: a new account.
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { AuthCard } from '@/components/auth-card';
import { ProblemAlert } from '@/components/problem-alert';
import { api } from '@/lib/api/client';
import { LIMITS } from '@/lib/api/limits';
import { byField, toApiError } from '@/lib/api/problem';
import { checkEmail, checkPassword, checkPersonName } from '@/lib/checks';
import { dropToken, keptToken } from '@/lib/session/kept-token';
import { Providers } from './providers';

const FIELDS = ['email', 'name', 'password'] as const;

export function RegisterPage() {
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false }) as { next?: string };
  const invited = useRouterState({ select: (state) => state.location.state.email });
  const toLogin = next ? { next } : {};
  const [invitation] = useState(next === '/invitation' ? keptToken('invitation') : null);
  const form = useForm({
    initialValues: { email: invited ?? '', name: '', password: '' },
    validate: {
      email: (email) => checkEmail(email.trim()),
      name: checkPersonName,
      password: checkPassword,
    },
    validateInputOnBlur: true,
  });
  const register = useMutation({
    mutationFn: ({ email, name, password }: typeof form.values) =>
      api.register({
        email: email.trim(),
        password,
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(invitation ? { invitation } : {}),
      }),
    onSuccess: async (user) => {
      // The registration has accepted the invitation.
      if (invitation) dropToken('invitation');
      const search = invitation ? { next: '/organizations' } : toLogin;
      await navigate({ to: '/login', search, state: { registered: user.email } });
    },
    onError: (thrown) => {
      const error = toApiError(thrown);
      const { known } = byField(error, FIELDS);
      form.setErrors(error.status === 409 ? { email: error.message } : known);
    },
  });
  const error = register.error && toApiError(register.error);
  const shownAtFields =
    error && (error.status === 409 || byField(error, FIELDS).other.length === 0);
  const general = error && !(shownAtFields && (error.status === 409 || error.errors.length > 0));

  return (
    <AuthCard title="Create your account" intro="A real Kubernetes cluster is a minute away.">
      <form onSubmit={form.onSubmit((values) => register.mutate(values))} noValidate>
        <Stack>
          {general && <ProblemAlert error={error} />}
          <TextInput
            label="Email"
            type="email"
            autoComplete="email"
            autoFocus
            required
            {...form.getInputProps('email')}
          />
          <TextInput
            label="Name"
            description="How others see you. Optional."
            autoComplete="name"
            {...form.getInputProps('name')}
          />
          <PasswordInput
            label="Password"
            description={`At least ${LIMITS.password.minLength} characters; a few words are fine.`}
            autoComplete="new-password"
            required
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={register.isPending} fullWidth mt="xs" size="md">
            Create account
          </Button>
        </Stack>
      </form>
      <Providers next={next} />
      <Text mt="lg" size="sm" ta="center">
        Already have an account?{' '}
        <Anchor renderRoot={(props) => <Link to="/login" search={toLogin} {...props} />}>
          Log in
        </Anchor>
      </Text>
    </AuthCard>
  );
}
