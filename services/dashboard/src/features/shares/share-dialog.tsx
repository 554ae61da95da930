// Shares a cluster with a person or by a link, and shows what is shared already.
import { Modal, Stack, Title } from '@mantine/core';
import type { Cluster } from '@/lib/api/types';
import { ShareForm } from './share-form';
import { ShareList } from './share-list';

export function ShareDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Share ${cluster.name}`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <ShareForm cluster={cluster} />
        <Title order={3} size="h6" mt="xs">
          Current shares
        </Title>
        <ShareList cluster={cluster} />
      </Stack>
    </Modal>
  );
}
