// The form for a webhook, new or changed, and the secret of a new one.
import {
  Button,
  Checkbox,
  Group,
  Modal,
  SegmentedControl,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { aboveFields, atFields } from '@/lib/api/problem';
import type { NewWebhook, Webhook, WorkspaceDetail } from '@/lib/api/types';
import { webhooks } from '@/lib/api/webhooks';
import { TYPES } from '@/lib/events/types';
import { checkUrl } from './check-url';
import { readAgain } from './queries';
import { Secret } from './secret';
import classes from './webhooks.module.css';

const FIELDS = ['url', 'types'] as const;

interface Values {
  workspace: string;
  url: string;
  /** Whether all types are wanted, or those of the list. */
  which: 'all' | 'some';
  types: string[];
}

type Form = UseFormReturnType<Values>;

/** Changes the webhook, or creates one in one of the workspaces. */
type DialogProps = { onClose: () => void } & (
  | { webhook: Webhook; workspaces?: undefined }
  | { webhook?: undefined; workspaces: WorkspaceDetail[] }
);

export function WebhookDialog({ webhook, workspaces = [], onClose }: DialogProps) {
  const queries = useQueryClient();
  const form = useForm<Values>({
    initialValues: {
      workspace: webhook?.workspace_id ?? workspaces[0]?.id ?? '',
      url: webhook?.url ?? '',
      which: webhook?.types.length ? 'some' : 'all',
      types: webhook?.types ?? [],
    },
    validate: {
      url: checkUrl,
      types: (types, { which }) =>
        which === 'some' && types.length === 0 ? 'Choose at least one event type' : null,
    },
  });
  const save = useMutation({
    mutationFn: async (values: Values): Promise<NewWebhook | null> => {
      const url = values.url.trim();
      const types = values.which === 'all' ? [] : values.types;
      if (!webhook) return webhooks.create(values.workspace, { url, types });
      await webhooks.change(webhook.id, { url, types });
      return null;
    },
    onSuccess: async (made, { workspace }) => {
      await readAgain(queries, workspace);
      if (!made) onClose();
    },
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  const error = aboveFields(save.error, FIELDS);
  const made = save.data;
  return (
    <Modal
      opened
      onClose={onClose}
      title={webhook ? 'Change webhook' : 'New webhook'}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {made ? (
        <Stack>
          <Secret title="Webhook created" value={made.secret} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
          <Stack>
            {error && <ProblemAlert error={error} />}
            {workspaces.length > 1 && (
              <Select
                label="Workspace"
                description="Events of this workspace are sent."
                allowDeselect={false}
                data={workspaces.map(({ id, name }) => ({ value: id, label: name }))}
                disabled={save.isPending}
                {...form.getInputProps('workspace')}
              />
            )}
            <TextInput
              label="Address"
              description="A public HTTPS address, unless your administrator allows others."
              placeholder="https://example.org/events"
              type="url"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              data-autofocus
              required
              disabled={save.isPending}
              {...form.getInputProps('url')}
            />
            <Wanted form={form} known={webhook?.types ?? []} busy={save.isPending} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose} disabled={save.isPending}>
                Cancel
              </Button>
              <Button type="submit" loading={save.isPending}>
                {webhook ? 'Save changes' : 'Create webhook'}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** All types or some; types of a later version that the webhook has already stay in the list. */
function Wanted({ form, known, busy }: { form: Form; known: string[]; busy: boolean }) {
  const named: { value: string; what?: string }[] = [...TYPES];
  const other = known.filter((type) => !named.some(({ value }) => value === type));
  const { error, ...types } = form.getInputProps('types');
  return (
    <div className={classes.wanted}>
      <SegmentedControl
        aria-label="Which events"
        data={[
          { value: 'all', label: 'All events' },
          { value: 'some', label: 'Selected events' },
        ]}
        disabled={busy}
        {...form.getInputProps('which')}
      />
      {form.values.which === 'some' && (
        <Checkbox.Group aria-label="Event types" error={error} {...types}>
          <div className={classes.types}>
            {[...named, ...other.map((value) => ({ value, what: undefined }))].map(
              ({ value, what }) => (
                <Checkbox
                  key={value}
                  size="sm"
                  value={value}
                  label={value}
                  description={what}
                  disabled={busy}
                />
              ),
            )}
          </div>
        </Checkbox.Group>
      )}
    </div>
  );
}
