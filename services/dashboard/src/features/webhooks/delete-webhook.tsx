// The question before a webhook is deleted.
import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '@/components/confirm-dialog';
import type { Webhook } from '@/lib/api/types';
import { webhooks } from '@/lib/api/webhooks';
import { readAgain } from './queries';
import classes from './webhooks.module.css';

export function DeleteWebhook(props: { webhook: Webhook; onClose: () => void }) {
  const { webhook, onClose } = props;
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: () => webhooks.delete(webhook.id),
    onSuccess: async () => {
      await readAgain(queries, webhook.workspace_id);
      onClose();
    },
  });
  return (
    <ConfirmDialog title="Delete webhook?" confirm="Delete webhook" act={act} onClose={onClose}>
      <span className={classes.url}>{webhook.url}</span>
      <Text size="sm" mt={8}>
        Deliveries stop, the secret stops working, and the log is deleted.
      </Text>
    </ConfirmDialog>
  );
}
