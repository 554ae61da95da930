// One's name and address; another address needs the password.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { account } from '@/lib/api/account';
import { aboveFields, atFields } from '@/lib/api/problem';
import { checkEmail, checkPersonName } from '@/lib/checks';
import { readMe, useMe } from '@/lib/session/me';

const FIELDS = ['name', 'email', 'password'] as const;

export function Identity() {
  const { user, has_password } = useMe();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: user.name, email: user.email, password: '' },
    validate: {
      name: (name) => (name.trim() === '' ? 'Enter a name' : checkPersonName(name)),
      email: (email) => checkEmail(email.trim()),
      password: (password, { email }) =>
        has_password !== false && email.trim() !== user.email && password === ''
          ? 'Enter your password to change your email'
          : null,
    },
  });
  const moves = form.values.email.trim() !== user.email;
  const save = useMutation({
    mutationFn: ({ name, email, password }: typeof form.values) =>
      account.change({
        name: name.trim(),
        ...(email.trim() === user.email ? {} : { email: email.trim(), password }),
      }),
    onSuccess: async (changed) => {
      form.setValues({ name: changed.name, email: changed.email, password: '' });
      notifications.show({
        color: 'green',
        title: 'Profile saved',
        message: 'This is how others see you.',
      });
      await readMe(queries).catch(() => undefined);
    },
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  const error = aboveFields(save.error, FIELDS);
  return (
    <Setting title="Name and email">
      {error && <ProblemAlert error={error} />}
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <TextInput label="Name" autoComplete="name" {...form.getInputProps('name')} />
        <TextInput
          label="Email"
          type="email"
          autoComplete="email"
          {...form.getInputProps('email')}
        />
        {moves && has_password !== false && (
          <PasswordInput
            label="Your password"
            autoComplete="current-password"
            {...form.getInputProps('password')}
          />
        )}
        <Button type="submit" variant="default" loading={save.isPending}>
          Save changes
        </Button>
      </form>
    </Setting>
  );
}
