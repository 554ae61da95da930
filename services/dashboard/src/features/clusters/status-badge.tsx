// A cluster's status as word, icon and colour.
import {
  IconAlertTriangle,
  IconArrowUpCircle,
  IconCircleCheck,
  IconHistory,
  IconLoader2,
  IconPlayerPause,
  IconQuestionMark,
  IconTrash,
} from '@tabler/icons-react';
import { ToneBadge } from '@/components/tone-badge';
import type { ClusterStatus } from '@/lib/api/types';
import type { Look } from '@/lib/look';
import { statusWord } from '@/lib/words';

const LOOKS: Record<ClusterStatus, Look> = {
  PROVISIONING: { icon: IconLoader2, tone: 'blue', turns: true },
  STARTING: { icon: IconLoader2, tone: 'blue', turns: true },
  RUNNING: { icon: IconCircleCheck, tone: 'green' },
  STOPPING: { icon: IconLoader2, tone: 'gray', turns: true },
  STOPPED: { icon: IconPlayerPause, tone: 'gray' },
  UPGRADING: { icon: IconArrowUpCircle, tone: 'blue' },
  RESTORING: { icon: IconHistory, tone: 'blue' },
  DELETING: { icon: IconLoader2, tone: 'orange', turns: true },
  DELETED: { icon: IconTrash, tone: 'gray' },
  ERROR: { icon: IconAlertTriangle, tone: 'red' },
  UNKNOWN: { icon: IconQuestionMark, tone: 'gray' },
};

export function StatusBadge({ name, status }: { name: string; status: ClusterStatus }) {
  // A status of a later version than this page is shown by its own word.
  const look = LOOKS[status] ?? LOOKS.UNKNOWN;
  return <ToneBadge look={look} word={statusWord(status)} testId={`status-${name}`} />;
}
