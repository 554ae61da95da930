// The form for a workspace: its name and its quota, new or changed.
import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { LIMITS } from '@/lib/api/limits';
import { people } from '@/lib/api/people';
import { byField, toApiError } from '@/lib/api/problem';
import type { Organization, Quota, WorkspaceDetail } from '@/lib/api/types';
import { checkName } from '@/lib/checks';
import { PEOPLE } from '@/lib/people/queries';
import { readMe } from '@/lib/session/me';
import classes from './workspaces.module.css';

const MILLIS = 1000;
const MIB_PER_GIB = 1024;
/** More than any host has, and in thousandths still a number that the API takes. */
const MOST = 1_000_000;

/** Nothing in a field: no limit of its own. */
type Amount = number | string;

interface Values {
  name: string;
  clusters: Amount;
  cpus: Amount;
  memory: Amount;
  hours: Amount;
}

const given = (amount: Amount, per = 1) =>
  amount === '' ? undefined : Math.round(Number(amount) * per);

export function toQuota({ clusters, cpus, memory, hours }: Omit<Values, 'name'>): Quota {
  const quota: Quota = {
    clusters: given(clusters),
    cpu_millis: given(cpus, MILLIS),
    memory_mib: given(memory, MIB_PER_GIB),
    cluster_hours: given(hours),
  };
  return Object.fromEntries(Object.entries(quota).filter(([, amount]) => amount !== undefined));
}

const shown = (amount: number | null | undefined, per = 1): Amount =>
  amount === null || amount === undefined ? '' : amount / per;

const fits = (amount: Amount) =>
  amount === '' || (Number(amount) >= 0 && Number(amount) <= MOST) ? null : `Enter 0 to ${MOST}`;

export function WorkspaceDialog(props: {
  organization: Pick<Organization, 'id'>;
  /** Absent: a new one. */
  workspace?: WorkspaceDetail;
  onClose: () => void;
}) {
  const { organization, workspace, onClose } = props;
  const queries = useQueryClient();
  const quota = workspace?.quota ?? {};
  const form = useForm<Values>({
    initialValues: {
      name: workspace?.name ?? '',
      clusters: shown(quota.clusters),
      cpus: shown(quota.cpu_millis, MILLIS),
      memory: shown(quota.memory_mib, MIB_PER_GIB),
      hours: shown(quota.cluster_hours),
    },
    validate: { name: checkName, clusters: fits, cpus: fits, memory: fits, hours: fits },
  });
  const save = useMutation({
    mutationFn: (values: Values) =>
      workspace
        ? people.changeWorkspace(workspace.id, values.name, toQuota(values))
        : people.createWorkspace(organization.id, values.name, toQuota(values)),
    onSuccess: async () => {
      void readMe(queries).catch(() => undefined);
      await queries.invalidateQueries({ queryKey: PEOPLE });
      onClose();
    },
    onError: (thrown) => {
      const error = toApiError(thrown);
      if (error.code === 'name_taken') form.setFieldError('name', error.message);
      else form.setErrors(byField(error, ['name']).known);
    },
  });
  const error = save.error && toApiError(save.error);
  const atField = error && (error.code === 'name_taken' || byField(error, ['name']).known.name);
  const amount = { min: 0, max: MOST, placeholder: 'No limit', disabled: save.isPending };
  return (
    <Modal
      opened
      onClose={onClose}
      title={workspace ? `Change ${workspace.name}` : 'New workspace'}
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {error && !atField && <ProblemAlert error={error} />}
          <TextInput
            label="Name"
            description={`Lowercase letters, digits and hyphens, starting with a letter. At most ${LIMITS.name.maxLength} characters.`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            required
            disabled={save.isPending}
            {...form.getInputProps('name')}
          />
          <Text size="sm" c="dimmed">
            Limits of this workspace. Leave a field empty for no limit. Lowering a limit keeps
            existing clusters.
          </Text>
          <div className={classes.pair}>
            <NumberInput
              label="Clusters"
              allowDecimal={false}
              {...amount}
              {...form.getInputProps('clusters')}
            />
            <NumberInput
              label="CPU"
              decimalScale={1}
              suffix=" CPU"
              {...amount}
              {...form.getInputProps('cpus')}
            />
            <NumberInput
              label="Memory"
              decimalScale={1}
              suffix=" GiB"
              {...amount}
              {...form.getInputProps('memory')}
            />
            <NumberInput
              label="Cluster hours a month"
              allowDecimal={false}
              suffix=" h"
              {...amount}
              {...form.getInputProps('hours')}
            />
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={save.isPending}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {workspace ? 'Save changes' : 'Create workspace'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
