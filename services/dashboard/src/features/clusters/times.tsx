// A cluster's age and the time it has left, counting each second.
import { Tooltip } from '@mantine/core';
import { IconClockExclamation } from '@tabler/icons-react';
import type { Cluster } from '@/lib/api/types';
import { isGoing } from '@/lib/clusters/status';
import { age, countdown, exact } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './times.module.css';

/** Less than this is worth a warning. */
const WARN_BELOW_MS = 30 * 60 * 1_000;

export function Age({ since }: { since: string }) {
  const now = useNow();
  return (
    <Tooltip label={`Created ${exact(since)}`}>
      <time dateTime={since} className={classes.time}>
        {age(now - Date.parse(since))}
      </time>
    </Tooltip>
  );
}

export function TimeLeft({ cluster }: { cluster: Cluster }) {
  const now = useNow();
  if (isGoing(cluster)) return <span className={classes.time}>–</span>;
  const left = Date.parse(cluster.expires_at) - now;
  const soon = left < WARN_BELOW_MS;
  return (
    <Tooltip label={`Auto-deletes ${exact(cluster.expires_at)}`}>
      <time
        dateTime={cluster.expires_at}
        className={classes.time}
        data-soon={soon}
        data-testid={`time-left-${cluster.name}`}
      >
        {soon && <IconClockExclamation size={15} aria-label="Expires soon:" />}
        {left > 0 ? countdown(left) : 'expired'}
      </time>
    </Tooltip>
  );
}
