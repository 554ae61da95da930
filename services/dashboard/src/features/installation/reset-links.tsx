// For somebody who has forgotten their password: a link with which they choose a new one.
import { Button, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { ShownOnce } from '@/components/shown-once';
import { checkEmail } from '@/features/auth/limits';
import { account } from '@/lib/api/account';
import { moment } from '@/lib/time/format';

export function ResetLinks() {
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: (email) => checkEmail(email.trim()) },
  });
  const create = useMutation({
    mutationFn: () => account.createResetLink(form.values.email.trim()),
  });
  return (
    <Setting title="Somebody has forgotten their password">
      <Text size="sm" c="dimmed">
        Make sure that it is them who asks. Whoever has the link can become them.
      </Text>
      {create.error && <ProblemAlert error={create.error} />}
      {create.data && (
        <ShownOnce title="The link is ready" value={create.data.url}>
          Good for one new password, until {moment(create.data.expires_at)}.
        </ShownOnce>
      )}
      <form noValidate onSubmit={form.onSubmit(() => create.mutate())}>
        <TextInput
          label="Their e-mail"
          type="email"
          autoComplete="off"
          {...form.getInputProps('email')}
        />
        <Button type="submit" variant="default" loading={create.isPending}>
          Make a link
        </Button>
      </form>
    </Setting>
  );
}
