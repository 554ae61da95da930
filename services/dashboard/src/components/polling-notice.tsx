// Says that the page refreshes every few seconds, because no events arrive.
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useLive } from '@/lib/live';
import { Note } from './note';

export function PollingNotice() {
  const { shown } = useLive();
  if (shown !== 'offline' && shown !== 'reconnecting') return null;
  return (
    <Note
      tone="orange"
      role="status"
      mb="md"
      icon={<IconPlugConnectedX aria-hidden />}
      data-testid="polling-notice"
    >
      Live updates are interrupted. This page refreshes every 5 seconds until they resume.
    </Note>
  );
}
