// Warns that a cluster is about to expire or to stop unused, with a button that prevents it.
import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useRef, useState } from 'react';
import { api } from '@/lib/api/client';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Cluster, Event } from '@/lib/api/types';
import type { ClusterCache } from '@/lib/clusters/cache';
import { useEvents, useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { whyNot } from '@/lib/session/rights';
import { serverNow } from '@/lib/time/clock';
import { clockTime, duration } from '@/lib/time/format';

const EXTEND_HOURS = 1;
/** A warning that is replayed later than this is out of date. */
const STALE_MS = 90_000;

const toastOf = (id: string) => `timed-${id}`;

const isCluster = (data: unknown): data is Cluster =>
  typeof data === 'object' && data !== null && 'expires_at' in data && 'name' in data;

export function TimedToasts() {
  const { cache } = useLive();
  const me = useMe();
  /** What each toast in sight warns of: it goes when that is no longer so. */
  const warned = useRef(new Map<string, string>());
  useEvents((event) => {
    const { data } = event;
    if (!event.type.startsWith('cluster.') || !isCluster(data)) return;
    if (isWarning(event)) {
      if (serverNow() - Date.parse(event.time) > STALE_MS) return;
      warned.current.set(data.id, subject(data, event.type));
      show(event.type, data, cache, whyNot(me, data, 'cluster_change') === null);
      return;
    }
    const kind = warned.current.get(data.id);
    if (kind && kind !== subject(data, kind.split(' ')[0] ?? '')) {
      warned.current.delete(data.id);
      notifications.hide(toastOf(data.id));
    }
  });
  return null;
}

const isWarning = ({ type }: Event) => type === 'cluster.expiring' || type === 'cluster.idling';

/** What a warning depends on: when this text changes, the warning is over. */
const subject = (cluster: Cluster, type: string) =>
  type === 'cluster.expiring'
    ? `${type} ${cluster.expires_at} ${cluster.status === 'DELETING'}`
    : `${type} ${cluster.idle?.stops_at} ${cluster.status}`;

function show(type: string, cluster: Cluster, cache: ClusterCache, mayExtend: boolean) {
  const id = toastOf(cluster.id);
  const toast =
    type === 'cluster.expiring' ? expiring(cluster, mayExtend ? cache : null) : idling(cluster);
  notifications.hide(id);
  notifications.show({ id, color: 'orange', autoClose: false, ...toast });
}

/** Without a cache to put it into there is no button: the person may not extend. */
function expiring(cluster: Cluster, cache: ClusterCache | null) {
  const left = Date.parse(cluster.expires_at) - serverNow();
  const text = `The cluster is deleted at ${clockTime(cluster.expires_at)}, with everything in it.`;
  return {
    title: `${cluster.name} expires in ${duration(Math.max(left + 30_000, 60_000))}`,
    message: cache ? (
      <Ask
        text={text}
        button={`Extend by ${EXTEND_HOURS} hour`}
        onAnswer={async () => {
          const { value, cursor } = await api.extendCluster(cluster.id, EXTEND_HOURS);
          cache.put(value, cursor);
          return `Extended until ${clockTime(value.expires_at)}.`;
        }}
      />
    ) : (
      text
    ),
  };
}

function idling(cluster: Cluster) {
  const at = cluster.idle ? ` at ${clockTime(cluster.idle.stops_at)}` : ' soon';
  return {
    title: `${cluster.name} isn’t being used`,
    message: (
      <Ask
        text={`The cluster stops${at}. Everything in it is kept.`}
        button="Keep running"
        onAnswer={async () => {
          await api.markActive(cluster.id);
          return 'The cluster keeps running.';
        }}
      />
    ),
  };
}

function Ask(props: { text: string; button: string; onAnswer: () => Promise<string> }) {
  const [state, setState] = useState<'open' | 'busy' | 'done'>('open');
  const [answer, setAnswer] = useState<string | null>(null);
  const act = async () => {
    setState('busy');
    try {
      setAnswer(await props.onAnswer());
      setState('done');
    } catch (thrown) {
      setAnswer(inOneLine(toApiError(thrown)));
      setState('open');
    }
  };
  return (
    <>
      <Text size="sm">{answer ?? props.text}</Text>
      {state !== 'done' && (
        <Button size="compact-sm" mt={8} loading={state === 'busy'} onClick={() => void act()}>
          {props.button}
        </Button>
      )}
    </>
  );
}
