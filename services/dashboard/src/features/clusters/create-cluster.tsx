// The form for a new cluster.
import { Button, Group, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { ProblemAlert } from '@/components/problem-alert';
import { api } from '@/lib/api/client';
import { LIMITS } from '@/lib/api/limits';
import { byField, inOneLine, toApiError } from '@/lib/api/problem';
import type { CreateCluster, Me, Membership } from '@/lib/api/types';
import { checkName, checkTtlHours } from '@/lib/checks';
import { useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { mayIn } from '@/lib/session/rights';
import { autoStopChoices } from './auto-stop';

const FIELDS = ['name', 'ttl_hours', 'k8s_version', 'workspace_id', 'auto_stop_minutes'] as const;
/** As the API has it. */
const HOURS_DEFAULT = 4;
const QUICK_HOURS = [1, 4, 24, 72];

interface Values {
  name: string;
  ttl_hours: number | string;
  k8s_version: string | null;
  workspace_id: string | null;
  /** Minutes; nothing: never. */
  auto_stop_minutes: string | null;
}

/** Only what was chosen is sent: the server fills in the rest. */
const toBody = (values: Values): CreateCluster => ({
  name: values.name,
  ttl_hours: Number(values.ttl_hours),
  ...(values.k8s_version ? { k8s_version: values.k8s_version } : {}),
  ...(values.workspace_id ? { workspace_id: values.workspace_id } : {}),
  ...(values.auto_stop_minutes ? { auto_stop_minutes: Number(values.auto_stop_minutes) } : {}),
});

export function CreateClusterDialog(props: {
  opened: boolean;
  onClose: () => void;
  /** Limits the choice to this organization. */
  organization?: Membership;
  /** The workspace that is chosen at first. */
  workspace?: string;
}) {
  const me = useMe();
  const { organization, workspace } = props;
  const workspaces = workspacesByOrganization(me, organization);
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title="New cluster"
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <CreateClusterForm
        workspaces={workspaces}
        workspace={workspace ?? (organization ? workspaces[0]?.items[0]?.value : undefined)}
        onDone={props.onClose}
      />
    </Modal>
  );
}

export interface WorkspaceGroup {
  group: string;
  items: { value: string; label: string }[];
}

/** The workspaces in which the person may create clusters. */
export const workspacesByOrganization = (me: Me, only?: Membership): WorkspaceGroup[] =>
  me.organizations
    .filter((one) => !only || one.organization_id === only.organization_id)
    .filter((one) => mayIn(one, 'cluster_create'))
    .map(({ organization_id, name, personal }) => ({
      group: personal ? 'Personal' : name,
      items: me.workspaces
        .filter((workspace) => workspace.organization_id === organization_id)
        .map((workspace) => ({ value: workspace.id, label: workspace.name })),
    }));

export function CreateClusterForm(props: {
  workspaces: WorkspaceGroup[];
  /** The one that is chosen at first; the person's default if absent. */
  workspace?: string;
  onDone: () => void;
}) {
  const { cache } = useLive();
  const versions = useQuery({
    queryKey: ['cluster-versions'],
    queryFn: api.clusterVersions,
    staleTime: 5 * 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const form = useForm<Values>({
    initialValues: {
      name: '',
      ttl_hours: HOURS_DEFAULT,
      k8s_version: null,
      workspace_id: props.workspace ?? null,
      auto_stop_minutes: null,
    },
    validate: { name: checkName, ttl_hours: checkTtlHours },
    validateInputOnChange: true,
  });
  /** Whoever closes the form before the answer gets a failure as a toast. */
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  const create = useMutation({
    mutationFn: (values: Values) => api.createCluster(toBody(values)),
    onSuccess: (accepted) => {
      cache.accept(accepted);
      props.onDone();
    },
    onError: (thrown, { name }) => {
      const error = toApiError(thrown);
      if (!shown.current) {
        notifications.show({
          color: 'red',
          title: `Couldn’t create ${name}`,
          message: inOneLine(error),
        });
      }
      if (error.code === 'name_taken') form.setFieldError('name', error.message);
      else form.setErrors(byField(error, FIELDS).known);
    },
  });

  const error = create.error && toApiError(create.error);
  const atFields =
    error &&
    (error.code === 'name_taken' ||
      (error.errors.length > 0 && byField(error, FIELDS).other.length === 0));
  const list = versions.data ?? [];
  const standard = list.find((version) => version.default);
  const incomplete = form.values.name === '' || !form.isValid();

  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
      <Stack>
        {error && !atFields && <ProblemAlert error={error} />}
        <TextInput
          label="Name"
          description={`Lowercase letters, digits and hyphens, starting with a letter. At most ${LIMITS.name.maxLength} characters.`}
          placeholder="demo"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          required
          disabled={create.isPending}
          {...form.getInputProps('name')}
        />
        <div>
          <NumberInput
            label="Time to live"
            description={`The cluster auto-deletes after this time: ${LIMITS.ttlHours.minimum} to ${LIMITS.ttlHours.maximum} hours.`}
            suffix=" h"
            step={1}
            decimalScale={2}
            required
            disabled={create.isPending}
            {...form.getInputProps('ttl_hours')}
          />
          <Group gap={6} mt={8}>
            {QUICK_HOURS.map((hours) => (
              <Button
                key={hours}
                size="compact-xs"
                variant={Number(form.values.ttl_hours) === hours ? 'light' : 'default'}
                disabled={create.isPending}
                onClick={() => form.setFieldValue('ttl_hours', hours)}
              >
                {hours < 48 ? `${hours} h` : `${hours / 24} days`}
              </Button>
            ))}
          </Group>
        </div>
        <Select
          label="Auto-stop"
          description="Stops the cluster when it isn’t used. Everything in it is kept."
          placeholder="Never"
          data={autoStopChoices()}
          clearable
          disabled={create.isPending}
          {...form.getInputProps('auto_stop_minutes')}
        />
        {list.length > 1 && (
          <Select
            label="Kubernetes"
            placeholder={standard ? `${standard.version} (default)` : 'Default'}
            data={list.map(({ version }) => version)}
            clearable
            disabled={create.isPending}
            {...form.getInputProps('k8s_version')}
          />
        )}
        {props.workspaces.flatMap(({ items }) => items).length > 1 && (
          <Select
            label="Workspace"
            placeholder="Default workspace"
            data={props.workspaces}
            clearable={!props.workspace}
            allowDeselect={!props.workspace}
            disabled={create.isPending}
            {...form.getInputProps('workspace_id')}
          />
        )}
        {standard && list.length === 1 && (
          <Text size="sm" c="dimmed">
            One node with Kubernetes {standard.version}.
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onDone}>
            {create.isPending ? 'Close' : 'Cancel'}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={incomplete}>
            Create cluster
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
