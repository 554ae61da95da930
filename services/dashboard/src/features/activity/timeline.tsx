// The activity of one cluster, newest first, live.
import { Button, Select } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { ProblemAlert } from '@/components/problem-alert';
import { TYPES } from '@/lib/events/types';
import { useConnected, useEvents, useLive } from '@/lib/live';
import { EventLines, LinesSkeleton } from './event-lines';
import classes from './timeline.module.css';
import { useTimeline } from './use-timeline';
import { whoIs } from './words';

export function Timeline({ clusterId }: { clusterId: string }) {
  const { user } = useLive();
  const [type, setType] = useState<string | null>(null);
  const filter = { cluster_id: clusterId, ...(type ? { type } : {}) };
  const timeline = useTimeline(filter, useConnected());
  // The stream has it for guests of the cluster too, who may not subscribe to its workspace.
  useEvents((event) => event.cluster_id === clusterId && timeline.onEvent(event));
  const { events } = timeline;
  const who = useMemo(() => whoIs(user), [user]);
  return (
    <div>
      <div className={classes.tools}>
        <Select
          size="xs"
          aria-label="Activity type"
          placeholder="All activity"
          clearable
          data={[...TYPES]}
          value={type}
          onChange={(value) => setType(TYPES.find((type) => type.value === value)?.value ?? null)}
        />
      </div>
      {timeline.error && (
        <ProblemAlert
          error={timeline.error}
          busy={timeline.isFetching}
          onRetry={() => void timeline.refetch()}
        />
      )}
      {!events && !timeline.error && <LinesSkeleton name="Loading activity" />}
      {events?.length === 0 && (
        <EmptyState icon={IconHistory} title="No activity yet">
          {type
            ? 'No activity of this type.'
            : 'Cluster activity appears here, even after deletion.'}
        </EmptyState>
      )}
      {events && <EventLines events={events} who={who} />}
      {timeline.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="md"
          loading={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          Load older
        </Button>
      )}
    </div>
  );
}
