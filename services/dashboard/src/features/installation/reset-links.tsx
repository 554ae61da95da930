// For somebody who has forgotten their password: a link with which they choose a new one.
import { Button, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { ShownOnce } from '@/components/shown-once';
import { account } from '@/lib/api/account';
import { checkEmail } from '@/lib/checks';
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
    <Setting title="Reset a password">
      <Text size="sm" c="dimmed">
        Verify who is asking. Anyone with this link can take over the account.
      </Text>
      {create.error && <ProblemAlert error={create.error} />}
      {create.data && (
        <ShownOnce title="Link created" value={create.data.url}>
          Works once. Expires {moment(create.data.expires_at)}.
        </ShownOnce>
      )}
      <form noValidate onSubmit={form.onSubmit(() => create.mutate())}>
        <TextInput
          label="Email of the account"
          type="email"
          autoComplete="off"
          {...form.getInputProps('email')}
        />
        <Button type="submit" variant="default" loading={create.isPending}>
          Create link
        </Button>
      </form>
    </Setting>
  );
}
