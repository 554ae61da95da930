// The form for a new organization.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ProblemAlert } from '@/components/problem-alert';
import { people } from '@/lib/api/people';
import { aboveFields, atFields } from '@/lib/api/problem';
import { checkTitle } from '@/lib/checks';
import { organizationQuery, organizationsQuery } from '@/lib/people/queries';
import { readMe } from '@/lib/session/me';

export function NewOrganizationDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({ initialValues: { name: '' }, validate: { name: checkTitle } });
  const create = useMutation({
    mutationFn: () => people.createOrganization(form.values.name.trim()),
    onSuccess: async (organization) => {
      queries.setQueryData(organizationQuery(organization.id).queryKey, organization);
      void queries.invalidateQueries({ queryKey: organizationsQuery.queryKey });
      // The page of it shows what the new role allows as soon as that is known.
      await readMe(queries).catch(() => undefined);
      onClose();
      await navigate({ to: '/organizations/$id', params: { id: organization.id } });
    },
    onError: (thrown) => form.setErrors(atFields(thrown, ['name'])),
  });
  const error = aboveFields(create.error, ['name']);
  return (
    <Modal
      opened
      onClose={onClose}
      title="New organization"
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form noValidate onSubmit={form.onSubmit(() => create.mutate())}>
        <Stack>
          {error && <ProblemAlert error={error} />}
          <Text size="sm" c="dimmed">
            People, workspaces and clusters that belong together: a team, a class, a project.
          </Text>
          <TextInput
            label="Name"
            placeholder="Platform team"
            autoComplete="off"
            data-autofocus
            required
            disabled={create.isPending}
            {...form.getInputProps('name')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={create.isPending}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create organization
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
