// The question before a cluster is deleted.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { api } from '@/lib/api/client';
import type { Cluster } from '@/lib/api/types';
import { useLive } from '@/lib/live';

export function DeleteClusterDialog(props: { cluster: Cluster; onClose: () => void }) {
  const { cluster, onClose } = props;
  const { cache } = useLive();
  const remove = useMutation({
    mutationFn: () => api.deleteCluster(cluster.id),
    onSuccess: (accepted) => {
      cache.accept(accepted);
      onClose();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Delete ${cluster.name}?`}
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm">
          This permanently deletes <strong>{cluster.name}</strong> and everything in it: workloads,
          volumes and credentials.
        </Text>
        {remove.error && <ProblemAlert error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus disabled={remove.isPending}>
            Cancel
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete cluster
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
