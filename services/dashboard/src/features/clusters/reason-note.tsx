// Why a cluster failed or waits, and what to do about it.
import { Anchor, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { Cluster } from '@/lib/api/types';
import classes from './reason-note.module.css';

/** Without a reason there is nothing to tell. */
export function ReasonNote({ cluster }: { cluster: Cluster }) {
  const { reason } = cluster;
  if (!reason) return null;
  const failed = cluster.status === 'ERROR';
  const Icon = failed ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={classes.note} data-failed={failed} data-testid={`reason-${cluster.name}`}>
      <Icon size={17} className={classes.icon} aria-hidden />
      <div>
        <Text size="sm" fw={600}>
          {reason.message}
        </Text>
        <Text size="sm">
          {reason.fix}{' '}
          <Anchor size="sm" href={`/docs/errors#${reason.code}`} className={classes.more}>
            More
          </Anchor>
        </Text>
      </div>
    </div>
  );
}
