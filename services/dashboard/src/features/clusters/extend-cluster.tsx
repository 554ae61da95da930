// More time for a cluster: at once, or any number of hours.
import { ActionIcon, Button, Group, Menu, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { IconClockPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Gated } from '@/components/gated';
import { ProblemAlert } from '@/components/problem-alert';
import { api } from '@/lib/api/client';
import { LIMITS } from '@/lib/api/limits';
import { byField, inOneLine, toApiError } from '@/lib/api/problem';
import type { Cluster } from '@/lib/api/types';
import { checkExtendHours } from '@/lib/checks';
import { useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import { moment } from '@/lib/time/format';

const QUICK_HOURS = [1, 4];

export function useExtend(cluster: Cluster) {
  const { cache } = useLive();
  return useMutation({
    mutationFn: (hours: number) => api.extendCluster(cluster.id, hours),
    onSuccess: ({ value, cursor }) => {
      cache.put(value, cursor);
      notifications.show({
        color: 'green',
        title: `${value.name} extended`,
        message: `Auto-deletes ${moment(value.expires_at)}.`,
      });
    },
  });
}

export function ExtendMenu(props: { cluster: Cluster; disabled: boolean; withLabel?: boolean }) {
  const { cluster, disabled } = props;
  const [custom, setCustom] = useState(false);
  const reason = whyNot(useMe(), cluster, 'cluster_change');
  const extend = useExtend(cluster);
  const add = (hours: number) =>
    extend.mutate(hours, {
      onError: (thrown) =>
        notifications.show({
          color: 'red',
          title: `Couldn’t extend ${cluster.name}`,
          message: inOneLine(toApiError(thrown)),
        }),
    });
  const label = `Extend ${cluster.name}`;
  const control = props.withLabel ? (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconClockPlus size={15} aria-hidden />}
      aria-label={label}
      disabled={disabled}
      loading={extend.isPending}
    >
      Extend
    </Button>
  ) : (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title="Extend cluster"
      disabled={disabled}
      loading={extend.isPending}
    >
      <IconClockPlus size={18} aria-hidden />
    </ActionIcon>
  );
  if (reason) return <Gated reason={reason}>{control}</Gated>;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>{control}</Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Add time</Menu.Label>
          {QUICK_HOURS.map((hours) => (
            <Menu.Item key={hours} onClick={() => add(hours)}>
              +{hours} {hours === 1 ? 'hour' : 'hours'}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setCustom(true)}>Other…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {custom && <ExtendDialog cluster={cluster} onClose={() => setCustom(false)} />}
    </>
  );
}

function ExtendDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const extend = useExtend(cluster);
  const form = useForm<{ hours: number | string }>({
    initialValues: { hours: 8 },
    validate: { hours: checkExtendHours },
    validateInputOnChange: true,
  });
  const error = extend.error && toApiError(extend.error);
  const atField = error && byField(error, ['hours']).known.hours;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Extend ${cluster.name}`}
      size="sm"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        onSubmit={form.onSubmit(({ hours }) =>
          extend.mutate(Number(hours), { onSuccess: onClose }),
        )}
      >
        <Stack>
          {error && !atField && <ProblemAlert error={error} />}
          <Text size="sm" c="dimmed">
            Auto-deletes {moment(cluster.expires_at)}. You can extend to at most{' '}
            {LIMITS.extendHours.maximum} hours from now.
          </Text>
          <NumberInput
            label="Hours to add"
            suffix=" h"
            decimalScale={2}
            data-autofocus
            required
            disabled={extend.isPending}
            {...form.getInputProps('hours')}
            error={form.errors.hours ?? atField}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={extend.isPending}>
              Cancel
            </Button>
            <Button type="submit" loading={extend.isPending} disabled={!form.isValid()}>
              Extend cluster
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
