// A workspace's status, which sums up its clusters', as word, icon and colour.
import {
  IconAlertTriangle,
  IconArrowUpCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconHistory,
  IconLoader2,
  IconPlayerPause,
  IconQuestionMark,
} from '@tabler/icons-react';
import type { WorkspaceDetail, WorkspaceStatus } from '@/lib/api/types';
import type { Look } from '@/lib/look';
import { statusWord } from '@/lib/words';

const LOOKS: Record<WorkspaceStatus, Look> = {
  ERROR: { icon: IconAlertTriangle, tone: 'red' },
  RUNNING: { icon: IconCircleCheck, tone: 'green' },
  PROVISIONING: { icon: IconLoader2, tone: 'blue', turns: true },
  STARTING: { icon: IconLoader2, tone: 'blue', turns: true },
  UPGRADING: { icon: IconArrowUpCircle, tone: 'blue' },
  RESTORING: { icon: IconHistory, tone: 'blue' },
  STOPPING: { icon: IconLoader2, tone: 'gray', turns: true },
  DELETING: { icon: IconLoader2, tone: 'orange', turns: true },
  STOPPED: { icon: IconPlayerPause, tone: 'gray' },
  EMPTY: { icon: IconCircleDashed, tone: 'gray' },
  UNKNOWN: { icon: IconQuestionMark, tone: 'gray' },
};

/** An older server sends no status; one of a later version is shown by its own word. */
export function statusOf({ status }: WorkspaceDetail): { word: string; look: Look } {
  const known = status ?? 'UNKNOWN';
  return { word: statusWord(known), look: LOOKS[known] ?? LOOKS.UNKNOWN };
}
