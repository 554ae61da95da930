// Stands where a person's role may not see the content, with the reason.
import { Paper } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { EmptyState } from './empty-state';

export function NotForRole({ reason }: { reason: string }) {
  return (
    <Paper withBorder radius="lg">
      <EmptyState icon={IconLock} title="You don’t have access">
        {reason}
      </EmptyState>
    </Paper>
  );
}
