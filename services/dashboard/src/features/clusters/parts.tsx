// How the parts of a cluster are, as its host last saw them.
import {
  IconCircleCheck,
  IconCircleX,
  IconLoader2,
  IconPlayerPause,
  IconPlugConnectedX,
  IconQuestionMark,
} from '@tabler/icons-react';
import { type Look, ToneMark } from '@/components/tone-badge';
import type { Cluster, Part } from '@/lib/api/types';
import { isChanging } from './limits';
import classes from './parts.module.css';

interface Told {
  words: string;
  look: Look;
}

const OK: Look = { icon: IconCircleCheck, tone: 'green' };
const SILENT: Look = { icon: IconPlugConnectedX, tone: 'orange' };
const NOT_YET: Look = { icon: IconLoader2, tone: 'gray', turns: true };

const PARTS: Record<Part, Told> = {
  OK: { words: 'healthy', look: OK },
  DOWN: { words: 'not responding', look: { icon: IconCircleX, tone: 'red' } },
  STOPPED: { words: 'stopped', look: { icon: IconPlayerPause, tone: 'gray' } },
  UNKNOWN: { words: 'unknown', look: { icon: IconQuestionMark, tone: 'gray' } },
};

const NAMES = { node: 'Node', api: 'API', storage: 'Storage' } as const;

function tell(part: Part | undefined, cluster: Cluster): Told {
  // What is being made or taken away is not broken.
  if (part === 'DOWN' && isChanging(cluster)) return { words: 'not available', look: NOT_YET };
  return PARTS[part ?? 'UNKNOWN'] ?? PARTS.UNKNOWN;
}

function hostOf({ health, host }: Cluster): Told {
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
          const { words, look } = tell(components[part], cluster);
          return <Line key={part} words={`${NAMES[part]}: ${words}`} look={look} part={part} />;
        })}
    </ul>
  );
}

function Line({ words, look, part }: Told & { part?: string }) {
  return (
    <li data-part={part ?? 'host'} data-tone={look.tone}>
      <ToneMark look={look} size={16} />
      <span>{words}</span>
    </li>
  );
}
