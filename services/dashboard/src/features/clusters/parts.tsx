// The health of a cluster's parts, as its host last saw them.
import {
  IconCircleCheck,
  IconCircleX,
  IconLoader2,
  IconPlayerPause,
  IconPlugConnectedX,
  IconQuestionMark,
} from '@tabler/icons-react';
import { ToneMark } from '@/components/tone-badge';
import type { Cluster, Part } from '@/lib/api/types';
import { isChanging } from '@/lib/clusters/status';
import type { Look } from '@/lib/look';
import classes from './parts.module.css';

interface PartState {
  words: string;
  look: Look;
}

const OK: Look = { icon: IconCircleCheck, tone: 'green' };
const SILENT: Look = { icon: IconPlugConnectedX, tone: 'orange' };
const NOT_YET: Look = { icon: IconLoader2, tone: 'gray', turns: true };

const PARTS: Record<Part, PartState> = {
  OK: { words: 'healthy', look: OK },
  DOWN: { words: 'not responding', look: { icon: IconCircleX, tone: 'red' } },
  STOPPED: { words: 'stopped', look: { icon: IconPlayerPause, tone: 'gray' } },
  UNKNOWN: { words: 'unknown', look: { icon: IconQuestionMark, tone: 'gray' } },
};

const NAMES = { node: 'Node', api: 'API', storage: 'Storage' } as const;

function stateOf(part: Part | undefined, cluster: Cluster): PartState {
  // A part that is down while its cluster starts, stops or is deleted is not broken.
  if (part === 'DOWN' && isChanging(cluster)) return { words: 'not available', look: NOT_YET };
  return PARTS[part ?? 'UNKNOWN'] ?? PARTS.UNKNOWN;
}

function hostOf({ health, host }: Cluster): PartState {
  if (health === 'UNREACHABLE') return { words: 'Host: not responding', look: SILENT };
  return host
    ? { words: 'Host: healthy', look: OK }
    : { words: 'Host: not assigned', look: PARTS.UNKNOWN.look };
}

export function Parts({ cluster }: { cluster: Cluster }) {
  const { components } = cluster;
  return (
    <ul className={classes.parts} data-testid={`health-${cluster.name}`}>
      <Line {...hostOf(cluster)} />
      {components &&
        (['node', 'api', 'storage'] as const).map((part) => {
          const { words, look } = stateOf(components[part], cluster);
          return <Line key={part} words={`${NAMES[part]}: ${words}`} look={look} part={part} />;
        })}
    </ul>
  );
}

function Line({ words, look, part }: PartState & { part?: string }) {
  return (
    <li data-part={part ?? 'host'} data-tone={look.tone}>
      <ToneMark look={look} size={16} />
      <span>{words}</span>
    </li>
  );
}
