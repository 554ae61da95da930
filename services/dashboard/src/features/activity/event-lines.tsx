// Events as lines under the day they happened on, newest first.
import { Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { FoldButton } from '@/components/fold-button';
import { ToneMark } from '@/components/tone-badge';
import type { Event } from '@/lib/api/types';
import { clockTime, day, exact } from '@/lib/time/format';
import classes from './timeline.module.css';
import { clusterNameOf, type Line, linesOf, type WhoIs } from './words';

export function EventLines(props: {
  events: Event[];
  who: WhoIs;
  /** Where they are of several clusters. */
  withClusters?: boolean;
}) {
  const { events, who, withClusters } = props;
  const days = useMemo(() => byDay(linesOf(events, who)), [events, who]);
  return (
    <div data-testid="timeline">
      {days.map(([name, lines]) => (
        <section key={name} aria-label={name}>
          <Text size="xs" fw={600} c="dimmed" className={classes.day}>
            {name}
          </Text>
          <ol className={classes.lines}>
            {lines.map((line) => (
              <EventLine key={line.key} line={line} withCluster={withClusters} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function byDay(lines: Line[]): [string, Line[]][] {
  const days = new Map<string, Line[]>();
  for (const line of lines) {
    const name = day(line.event.time);
    const known = days.get(name);
    if (known) known.push(line);
    else days.set(name, [line]);
  }
  return [...days];
}

function EventLine({ line, withCluster }: { line: Line; withCluster?: boolean }) {
  const { event, look, words, detail, small, parts = [] } = line;
  const named = withCluster && event.cluster_id;
  return (
    <li className={classes.line} data-small={small} data-type={event.type}>
      <ToneMark look={look} size={small ? 14 : 18} />
      <div className={classes.words}>
        {named && (
          <Link to="/clusters/$id" params={{ id: named }} className={classes.cluster}>
            {clusterNameOf(event) ?? 'A cluster'}
          </Link>
        )}
        <span>{words}</span>
        {detail && <span className={classes.detail}>{detail}</span>}
        {parts.length > 1 && <Parts parts={parts} />}
      </div>
      <time dateTime={event.time} title={exact(event.time)} className={classes.time}>
        {clockTime(event.time, true)}
      </time>
    </li>
  );
}

/** The events of a task, folded away until they are wanted. */
function Parts({ parts }: { parts: Line[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <FoldButton open={open} onToggle={() => setOpen(!open)}>
        {parts.length} events
      </FoldButton>
      {open && (
        <ol className={classes.lines}>
          {parts.map((part) => (
            <EventLine key={part.key} line={part} />
          ))}
        </ol>
      )}
    </>
  );
}

export function LinesSkeleton({ name }: { name: string }) {
  return (
    <div role="status" aria-label={name} className={classes.bones}>
      {[70, 55, 62, 48].map((width) => (
        <Skeleton key={width} height={16} width={`${width}%`} />
      ))}
    </div>
  );
}
