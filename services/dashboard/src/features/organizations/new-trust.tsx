// The form for a trust in a pipeline.
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { people } from '@/lib/api/people';
import { aboveFields, atFields } from '@/lib/api/problem';
import type { CreateTrust, Organization } from '@/lib/api/types';
import { PEOPLE } from '@/lib/people/queries';

const FIELDS = ['name', 'issuer', 'audience', 'level'] as const;
const GITHUB = 'https://token.actions.githubusercontent.com';
const LEVELS = [
  { value: 'read', label: 'View clusters' },
  { value: 'use', label: 'View clusters and run commands' },
  { value: 'change', label: 'Create, change and delete clusters' },
];

const needed = (what: string) => (value: string) => (value.trim() === '' ? `Enter ${what}` : null);

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
      name: needed('a name'),
      issuer: needed('an issuer'),
      repository: needed('a repository'),
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
            description="Name of the pipeline’s member"
            data-autofocus
            required
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Issuer"
            description="Exactly as in the token"
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
              label="Value"
              placeholder="acme/shop"
              required
              {...form.getInputProps('repository')}
            />
          </Group>
          <TextInput
            label="Branch or tag"
            description="The claim ref. End with * to match a prefix; leave empty for any."
            placeholder="refs/heads/main"
            {...form.getInputProps('branch')}
          />
          <TextInput
            label="Environment"
            description="The claim environment. Leave empty for any."
            {...form.getInputProps('environment')}
          />
          <TextInput
            label="Audience"
            description="Leave empty for this labyard’s address."
            {...form.getInputProps('audience')}
          />
          <Select
            label="Access"
            data={LEVELS}
            allowDeselect={false}
            {...form.getInputProps('level')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={make.isPending}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending}>
              Trust pipeline
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
