// Changes the password, which logs out every other session.
import { Button, PasswordInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { account } from '@/lib/api/account';
import { aboveFields, atFields } from '@/lib/api/problem';
import { checkPassword } from '@/lib/checks';
import { readMe, useMe } from '@/lib/session/me';
import { sessionsQuery } from './queries';

const FIELDS = ['password', 'new_password'] as const;

export function Password() {
  const { has_password } = useMe();
  // People who log in with a provider have none until they choose one.
  const first = has_password === false;
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { password: '', new_password: '' },
    validate: {
      password: (password) => (!first && password === '' ? 'Enter your current password' : null),
      new_password: checkPassword,
    },
  });
  const change = useMutation({
    mutationFn: account.changePassword,
    onSuccess: async () => {
      form.reset();
      notifications.show({
        color: 'green',
        title: 'Password changed',
        message: 'Your other sessions are logged out.',
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
        {first && 'You don’t have a password yet. With one you can log in without your provider. '}
        Changing it logs out your other sessions. API tokens keep working.
      </Text>
      {error && <ProblemAlert error={error} />}
      <form noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
        {!first && (
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            {...form.getInputProps('password')}
          />
        )}
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          {...form.getInputProps('new_password')}
        />
        <Button type="submit" variant="default" loading={change.isPending}>
          {first ? 'Set password' : 'Change password'}
        </Button>
      </form>
    </Setting>
  );
}
