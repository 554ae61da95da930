// What has happened to a cluster, newest first, growing as it happens.
import { Button, Select, Skeleton, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/empty-state';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneMark } from '@/components/tone-badge';
import { POLL_MS, useConnected, useEvents, useLive } from '@/features/clusters/live';
import { api, type EventType } from '@/lib/api/client';
import type { Event } from '@/lib/api/types';
import { clockTime, day, moment } from '@/lib/time/format';
import classes from './timeline.module.css';
import { join, type Line, linesOf, TYPES } from './words';

/** Events heard while the timeline is shown; the oldest of them can be read again. */
const HEARD_MAX = 500;

function useTimeline(clusterId: string, type: EventType | undefined) {
  const connected = useConnected();
  const [heard, setHeard] = useState<Event[]>([]);
  useEvents((event) => {
    if (event.cluster_id !== clusterId) return;
    setHeard((known) =>
      known.some(({ id }) => id === event.id) ? known : [event, ...known].slice(0, HEARD_MAX),
    );
  });
  const query = useInfiniteQuery({
    queryKey: ['timeline', clusterId, type],
    queryFn: ({ pageParam, signal }) =>
      api.timeline({ cluster_id: clusterId, ...(type ? { type } : {}) }, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
    refetchOnMount: 'always',
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchInterval: connected ? false : POLL_MS,
  });
  const read = query.data?.pages.flatMap((page) => page.items);
  const wanted = heard.filter((event) => !type || event.type === type);
  return { ...query, events: read && join(wanted, read) };
}

export function Timeline({ clusterId }: { clusterId: string }) {
  const { user } = useLive();
  const [type, setType] = useState<EventType | null>(null);
  const timeline = useTimeline(clusterId, type ?? undefined);
  const { events } = timeline;
  const days = useMemo(() => byDay(linesOf(events ?? [], user)), [events, user]);
  return (
    <div>
      <div className={classes.tools}>
        <Select
          size="xs"
          aria-label="Show of the timeline"
          placeholder="Everything"
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
      {!events && !timeline.error && <TimelineSkeleton />}
      {events?.length === 0 && (
        <EmptyState icon={IconHistory} title="Nothing here">
          {type ? 'Nothing of this kind has happened.' : 'What happens to it is told here.'}
        </EmptyState>
      )}
      <div data-testid="timeline">
        {days.map(([name, lines]) => (
          <section key={name} aria-label={name}>
            <Text size="xs" fw={600} c="dimmed" className={classes.day}>
              {name}
            </Text>
            <ol className={classes.lines}>
              {lines.map((line) => (
                <TimelineLine key={line.event.id} line={line} />
              ))}
            </ol>
          </section>
        ))}
      </div>
      {timeline.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="md"
          loading={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          Show what was before
        </Button>
      )}
    </div>
  );
}

function byDay(lines: Line[]): [string, Line[]][] {
  const days = new Map<string, Line[]>();
  for (const line of lines) {
    const name = day(line.event.time);
    days.set(name, [...(days.get(name) ?? []), line]);
  }
  return [...days];
}

function TimelineLine({ line }: { line: Line }) {
  const { event, look, words, detail, small } = line;
  return (
    <li className={classes.line} data-small={small} data-type={event.type}>
      <ToneMark look={look} size={small ? 14 : 18} />
      <div className={classes.words}>
        <span>{words}</span>
        {detail && <span className={classes.detail}>{detail}</span>}
      </div>
      <time dateTime={event.time} title={moment(event.time)} className={classes.time}>
        {clockTime(event.time, true)}
      </time>
    </li>
  );
}

function TimelineSkeleton() {
  return (
    <div role="status" aria-label="Loading the timeline" className={classes.bones}>
      {[70, 55, 62, 48].map((width) => (
        <Skeleton key={width} height={16} width={`${width}%`} />
      ))}
    </div>
  );
}
