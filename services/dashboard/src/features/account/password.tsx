// Another password; every other login ends with the old one.
import { Button, PasswordInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { checkPassword } from '@/features/auth/limits';
import { readMe, useMe } from '@/features/auth/me';
import { account } from '@/lib/api/account';
import { aboveFields, atFields } from '@/lib/api/problem';
import { sessionsQuery } from './queries';

const FIELDS = ['password', 'new_password'] as const;

export function Password() {
  const { has_password } = useMe();
  // Who comes by a provider has none until they choose one.
  const first = has_password === false;
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { password: '', new_password: '' },
    validate: {
      password: (password) => (!first && password === '' ? 'Your password so far is needed' : null),
      new_password: checkPassword,
    },
  });
  const change = useMutation({
    mutationFn: account.changePassword,
    onSuccess: async () => {
      form.reset();
      notifications.show({
        color: 'green',
        title: 'Your password is another one now',
        message: 'Your other logins have ended.',
      });
      await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      if (first) await readMe(queries).catch(() => undefined);
    },
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  const error = aboveFields(change.error, FIELDS);
  return (
    <Setting title="Password">
      <Text size="sm" c="dimmed">
        {first && 'You have none yet; with one you can log in without your provider too. '}
        Your other logins end when you change it; API tokens go on.
      </Text>
      {error && <ProblemAlert error={error} />}
      <form noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
        {!first && (
          <PasswordInput
            label="So far"
            autoComplete="current-password"
            {...form.getInputProps('password')}
          />
        )}
        <PasswordInput
          label="From now on"
          autoComplete="new-password"
          {...form.getInputProps('new_password')}
        />
        <Button type="submit" variant="default" loading={change.isPending}>
          {first ? 'Set a password' : 'Change password'}
        </Button>
      </form>
    </Setting>
  );
}
