// The setting after how long without use a cluster stops, and when that will be.
import { Button, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconHandStop } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { api } from '@/lib/api/client';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Cluster, Idle } from '@/lib/api/types';
import { useLive } from '@/lib/live';
import { age, clockTime, countdown, duration } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './auto-stop.module.css';

const NEVER = 'never';
const MINUTES = [15, 30, 60, 120, 240, 480, 1440];
const MINUTE_MS = 60_000;
/** This close to its stop a warning is worth it. */
const SOON_MS = 5 * MINUTE_MS;

const USES: Record<string, string> = {
  exec: 'a command',
  shell: 'a shell',
  kubectl: 'kubectl',
  kubeconfig: 'a kubeconfig download',
  page: 'someone viewing the page',
  create: 'creation',
  start: 'a start',
  'auto-stop': 'a change of auto-stop',
  unheard: 'unknown, labyard was offline',
};

/** What the last use was, in words. */
export const usedFor = (because: string) => USES[because] ?? because;

/** The usual choices, and the present setting if it is none of them. */
export function autoStopChoices(now?: number | null) {
  const minutes = now && !MINUTES.includes(now) ? [...MINUTES, now] : [...MINUTES];
  return minutes
    .sort((a, b) => a - b)
    .map((value) => ({
      value: String(value),
      label: `After ${duration(value * MINUTE_MS)} without use`,
    }));
}

export function AutoStopSetting(props: {
  cluster: Cluster;
  disabled: boolean;
  /** Why this person may not change it. */
  reason: string | null;
}) {
  const { cluster, disabled, reason } = props;
  const { cache } = useLive();
  const set = useMutation({
    mutationFn: (minutes: number | null) => api.setAutoStop(cluster.id, minutes),
    onSuccess: ({ value, cursor }) => cache.put(value, cursor),
    onError: (thrown) =>
      notifications.show({
        color: 'red',
        title: 'Couldn’t change auto-stop',
        message: inOneLine(toApiError(thrown)),
      }),
  });
  const wanted = set.isPending ? set.variables : cluster.auto_stop_minutes;
  return (
    <div>
      <Select
        size="xs"
        aria-label="Auto-stop"
        allowDeselect={false}
        data={[{ value: NEVER, label: 'Never' }, ...autoStopChoices(cluster.auto_stop_minutes)]}
        value={wanted ? String(wanted) : NEVER}
        disabled={disabled || set.isPending || reason !== null}
        title={reason ?? undefined}
        onChange={(value) => set.mutate(value === NEVER ? null : Number(value))}
      />
      {cluster.idle && cluster.status === 'RUNNING' && (
        <IdleLine cluster={cluster} idle={cluster.idle} />
      )}
    </div>
  );
}

function IdleLine({ cluster, idle }: { cluster: Cluster; idle: Idle }) {
  const now = useNow();
  const left = Date.parse(idle.stops_at) - now;
  const keep = useKeepRunning(cluster);
  return (
    <div className={classes.idle} data-soon={left < SOON_MS} data-testid={`idle-${cluster.name}`}>
      <Text size="xs">
        {left > 0 ? `Stops at ${clockTime(idle.stops_at)}, in ${countdown(left)}` : 'Stopping soon'}
      </Text>
      <Text size="xs" c="dimmed">
        Last used {age(now - Date.parse(idle.since))}: {usedFor(idle.because)}.
      </Text>
      {left < SOON_MS && (
        <Button
          size="compact-xs"
          variant="default"
          mt={6}
          leftSection={<IconHandStop size={14} aria-hidden />}
          loading={keep.isPending}
          onClick={() => keep.mutate()}
        >
          Keep running
        </Button>
      )}
    </div>
  );
}

/** Counts as a use: the idle time starts over. */
export function useKeepRunning(cluster: Cluster) {
  return useMutation({
    mutationFn: () => api.markActive(cluster.id),
    onError: (thrown) =>
      notifications.show({
        color: 'red',
        title: `${cluster.name} may still stop`,
        message: inOneLine(toApiError(thrown)),
      }),
  });
}
