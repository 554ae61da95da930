// /reset: a new password, by the link an administrator has made.
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { AuthCard } from '@/components/auth-card';
import { NoLink } from '@/components/link-page';
import { ProblemAlert } from '@/components/problem-alert';
import { account } from '@/lib/api/account';
import { LIMITS } from '@/lib/api/limits';
import { atFields } from '@/lib/api/problem';
import { checkPassword } from '@/lib/checks';
import { dropToken, keptToken } from '@/lib/session/kept-token';

const FIELDS = ['new_password'] as const;

export function ResetPage() {
  const token = keptToken('reset');
  return (
    <AuthCard
      title="Choose a new password"
      intro="This logs out all your sessions and revokes your API tokens."
    >
      {token ? <ResetForm token={token} /> : <NoLink />}
    </AuthCard>
  );
}

function ResetForm({ token }: { token: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { new_password: '' },
    validate: { new_password: checkPassword },
  });
  const reset = useMutation({
    mutationFn: () => account.resetPassword(token, form.values.new_password),
    onSuccess: async () => {
      dropToken('reset');
      queries.clear();
      await navigate({ to: '/login', replace: true });
    },
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  return (
    <form noValidate onSubmit={form.onSubmit(() => reset.mutate())}>
      <Stack>
        {reset.error && <ProblemAlert error={reset.error} />}
        <PasswordInput
          label="New password"
          description={`At least ${LIMITS.password.minLength} characters; a few words are fine.`}
          autoComplete="new-password"
          autoFocus
          required
          {...form.getInputProps('new_password')}
        />
        <Button type="submit" size="md" fullWidth loading={reset.isPending}>
          Set password
        </Button>
      </Stack>
    </form>
  );
}
