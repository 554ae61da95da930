// The form for an API token, and the secret that comes of it.
import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { ShownOnce } from '@/components/shown-once';
import { account } from '@/lib/api/account';
import { LIMITS } from '@/lib/api/limits';
import { aboveFields, atFields } from '@/lib/api/problem';
import type { ScopeLevel } from '@/lib/api/types';
import { checkWhole } from '@/lib/checks';
import { useMe } from '@/lib/session/me';
import { moment } from '@/lib/time/format';
import { tokensQuery } from './queries';
import { levelMay, levelWord, SCOPE_LEVELS } from './scopes';

const FIELDS = ['name', 'days'] as const;
/** As the API has it. */
const DAYS_DEFAULT = 90;

interface Values {
  name: string;
  level: ScopeLevel;
  organization: string | null;
  days: number | string;
}

export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const form = useForm<Values>({
    initialValues: { name: '', level: 'read', organization: null, days: DAYS_DEFAULT },
    validate: {
      name: (name) => (name.trim() === '' ? 'Enter a name' : null),
      days: (days) => checkWhole(days, LIMITS.tokenDays),
    },
  });
  const create = useMutation({
    mutationFn: ({ name, level, organization, days }: Values) =>
      account.createToken({
        name: name.trim(),
        days: Number(days),
        scope: { level, ...(organization ? { organization_id: organization } : {}) },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  const error = aboveFields(create.error, FIELDS);
  const made = create.data;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Create API token"
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {made ? (
        <Stack>
          <ShownOnce title={'Token created'} value={made.token}>
            Send it as <code>Authorization: Bearer …</code>. Expires{' '}
            {moment(made.api_token.expires_at)}.
          </ShownOnce>
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
          <Stack>
            {error && <ProblemAlert error={error} />}
            <TextInput
              label="Name"
              description="Tells your tokens apart."
              placeholder="Nightly tests"
              autoComplete="off"
              data-autofocus
              required
              disabled={create.isPending}
              {...form.getInputProps('name')}
            />
            <Select
              label="Access"
              description={levelMay(form.values.level)}
              allowDeselect={false}
              data={SCOPE_LEVELS.map((level) => ({ value: level, label: levelWord(level) }))}
              disabled={create.isPending}
              {...form.getInputProps('level')}
            />
            <Select
              label="Organization"
              placeholder="All your organizations and shared clusters"
              clearable
              data={me.organizations.map(({ organization_id, name, personal }) => ({
                value: organization_id,
                label: personal ? 'Personal' : name,
              }))}
              disabled={create.isPending}
              {...form.getInputProps('organization')}
            />
            <NumberInput
              label="Days until expiry"
              min={LIMITS.tokenDays.minimum}
              max={LIMITS.tokenDays.maximum}
              allowDecimal={false}
              disabled={create.isPending}
              {...form.getInputProps('days')}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose} disabled={create.isPending}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Create token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
