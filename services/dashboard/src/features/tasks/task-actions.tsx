// Cancel for what is under way, retry for what failed; a cancel that destroys asks first.
import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Gated } from '@/components/gated';
import { ProblemAlert } from '@/components/problem-alert';
import { api } from '@/lib/api/client';
import type { Task } from '@/lib/api/types';
import { useClusterList } from '@/lib/clusters/cache';
import { useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import { useRetry } from '@/lib/tasks/use-retry';
import { canCancel, canRetry, kindWord } from '@/lib/tasks/words';
import classes from './task-monitor.module.css';

interface Props {
  task: Task;
  onFollow?: (taskId: string) => void;
  /** The page shows the failure, with a button to retry. */
  failureShown?: boolean;
}

export function TaskActions({ task, onFollow, failureShown }: Props) {
  const [asking, setAsking] = useState(false);
  const { cache } = useLive();
  const cluster = useClusterList(cache).data?.items.find(({ id }) => id === task.cluster_id);
  const cancel = useMutation({
    mutationFn: () => api.cancelTask(task.id, task.status),
    onSuccess: cache.accept.bind(cache),
    onSettled: () => setAsking(false),
  });
  const retry = useRetry(task.id, onFollow);
  const retryable = !failureShown && canRetry(task) && cluster?.status === 'ERROR';
  const follow = task.status === 'cancelled' ? cluster?.task_id : undefined;
  const reason = whyNot(useMe(), task, 'cluster_change');
  const error = cancel.error ?? retry.error;
  const destroys = task.kind === 'create';
  if (!canCancel(task) && !retryable && !follow && !error) return null;
  return (
    <>
      {error && <ProblemAlert error={error} />}
      <div className={classes.actions}>
        {canCancel(task) && (
          <Gated reason={reason}>
            <Button
              size="sm"
              variant="default"
              leftSection={<IconBan size={16} aria-hidden />}
              loading={cancel.isPending}
              onClick={() => (destroys ? setAsking(true) : cancel.mutate())}
            >
              Cancel {kindWord(task.kind).toLowerCase()}
            </Button>
          </Gated>
        )}
        {canCancel(task) && !destroys && (
          <Text size="xs" c="dimmed">
            The cluster stops again. Everything in it is kept.
          </Text>
        )}
        {retryable && (
          <Gated reason={reason}>
            <Button
              size="sm"
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={retry.isPending}
              onClick={() => retry.mutate()}
            >
              Retry task
            </Button>
          </Gated>
        )}
        {follow && onFollow && (
          <Text size="sm" c="dimmed">
            Changes are being undone.{' '}
            <Anchor component="button" size="sm" onClick={() => onFollow(follow)}>
              View progress
            </Anchor>
          </Text>
        )}
      </div>
      {asking && (
        <CancelDialog
          task={task}
          busy={cancel.isPending}
          onCancel={() => cancel.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function CancelDialog(props: {
  task: Task;
  busy: boolean;
  onCancel: () => void;
  onClose: () => void;
}) {
  const { task, busy, onCancel, onClose } = props;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Cancel creating ${task.cluster_name}?`}
      size="md"
      zIndex={400}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm">
          This deletes everything created for <strong>{task.cluster_name}</strong> so far.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus disabled={busy}>
            Keep creating
          </Button>
          <Button color="red" loading={busy} onClick={onCancel}>
            Cancel and delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
