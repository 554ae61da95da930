// Another secret for a webhook: the question first, then the secret, this once.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '@/components/confirm-dialog';
import type { Webhook } from '@/lib/api/types';
import { webhooks } from '@/lib/api/webhooks';
import { readAgain } from './queries';
import { Secret } from './secret';
import classes from './webhooks.module.css';

export function NewSecret(props: { webhook: Webhook; onClose: () => void }) {
  const { webhook, onClose } = props;
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: () => webhooks.renewSecret(webhook.id),
    onSuccess: () => readAgain(queries, webhook.workspace_id),
  });
  if (!act.data) {
    return (
      <ConfirmDialog
        title="Create new secret?"
        confirm="Create secret"
        act={act}
        calm
        onClose={onClose}
      >
        <span className={classes.url}>{webhook.url}</span>
        <Text size="sm" mt={8}>
          The current secret keeps working for a day, so that you can update the receiver.
        </Text>
      </ConfirmDialog>
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title="New secret"
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Secret title="Secret created" value={act.data.secret}>
          The old secret keeps working for a day.
        </Secret>
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
