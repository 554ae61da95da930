// The form for a trust in a pipeline.
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { people } from '@/lib/api/people';
import { aboveFields, atFields } from '@/lib/api/problem';
import type { CreateTrust, Organization } from '@/lib/api/types';
import { PEOPLE } from './queries';

const FIELDS = ['name', 'issuer', 'audience', 'level'] as const;
const GITHUB = 'https://token.actions.githubusercontent.com';
const LEVELS = [
  { value: 'read', label: 'See clusters' },
  { value: 'use', label: 'Run commands in clusters, too' },
  { value: 'change', label: 'Make, change and delete clusters, too' },
];

const needed = (what: string) => (value: string) =>
  value.trim() === '' ? `${what} is needed` : null;

function wanted(values: {
  name: string;
  issuer: string;
  audience: string;
  place: string;
  repository: string;
  branch: string;
  environment: string;
  level: string;
}): CreateTrust {
  const claims: Record<string, string> = { [values.place]: values.repository.trim() };
  if (values.branch.trim()) claims.ref = values.branch.trim();
  if (values.environment.trim()) claims.environment = values.environment.trim();
  return {
    name: values.name.trim(),
    issuer: values.issuer.trim(),
    claims,
    level: values.level as CreateTrust['level'],
    ...(values.audience.trim() ? { audience: values.audience.trim() } : {}),
  };
}

export function NewTrust(props: { organization: Organization; onClose: () => void }) {
  const { organization, onClose } = props;
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      name: '',
      issuer: GITHUB,
      audience: '',
      place: 'repository',
      repository: '',
      branch: '',
      environment: '',
      level: 'change',
    },
    validate: {
      name: needed('A name'),
      issuer: needed('Who vouches for it'),
      repository: needed('Its repository'),
    },
  });
  const make = useMutation({
    mutationFn: (values: typeof form.values) => people.createTrust(organization.id, wanted(values)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: PEOPLE });
      onClose();
    },
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  const error = aboveFields(make.error, FIELDS);
  return (
    <Modal
      opened
      onClose={onClose}
      title="Trust a pipeline"
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form noValidate onSubmit={form.onSubmit((values) => make.mutate(values))}>
        <Stack>
          {error && <ProblemAlert error={error} />}
          <TextInput
            label="Name"
            description="What its member is called"
            data-autofocus
            required
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Issuer"
            description="Who vouches for it, to the letter"
            required
            {...form.getInputProps('issuer')}
          />
          <Group grow align="flex-start">
            <Select
              label="Claim"
              data={['repository', 'repository_id', 'project_path', 'project_id', 'sub']}
              allowDeselect={false}
              {...form.getInputProps('place')}
            />
            <TextInput
              label="is"
              placeholder="acme/shop"
              required
              {...form.getInputProps('repository')}
            />
          </Group>
          <TextInput
            label="Branch or tag"
            description="The claim ref; a * at its end stands for any rest. Empty: any"
            placeholder="refs/heads/main"
            {...form.getInputProps('branch')}
          />
          <TextInput
            label="Environment"
            description="The claim environment. Empty: any"
            {...form.getInputProps('environment')}
          />
          <TextInput
            label="Audience"
            description="Whom the token is for. Empty: this labyard’s address"
            {...form.getInputProps('audience')}
          />
          <Select
            label="It may"
            data={LEVELS}
            allowDeselect={false}
            {...form.getInputProps('level')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={make.isPending}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending}>
              Trust it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
