// Says that what is shown is asked for every few seconds, because events do not arrive.
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Note } from '@/components/note';
import { useLive } from './live';

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
