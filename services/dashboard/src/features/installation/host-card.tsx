// One host: its capacity and what of it is reserved, its checks, its warm pool, its leftovers.
import { Paper, Text, Title } from '@mantine/core';
import {
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Meter } from '@/components/meter';
import { Note } from '@/components/note';
import { ToneBadge, ToneMark } from '@/components/tone-badge';
import type { Check, Host } from '@/lib/api/types';
import { cpus, gib, share } from '@/lib/measures';
import { age, exact } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './host-card.module.css';

const REACHABLE = { icon: IconCircleCheck, tone: 'green' } as const;
const SILENT = { icon: IconPlugConnectedX, tone: 'red' } as const;
/** For the host's operator; the reason's own fix is for people who wait and need do nothing. */
const MAKE_ROOM =
  'Stop or delete clusters on this host, free memory and disk there, or add a host.';
const WRONG = { icon: IconCircleX, tone: 'red' } as const;

export function HostCard({ host }: { host: Host }) {
  const now = useNow();
  return (
    <Paper
      withBorder
      radius="lg"
      className={classes.card}
      component="article"
      aria-label={host.id}
      data-testid={`host-${host.id}`}
    >
      <div className={classes.head}>
        <div>
          <Title order={2} size="h4">
            {host.id}
          </Title>
          <Text size="sm" c="dimmed" title={host.reachable ? undefined : exact(host.seen_at)}>
            {host.driver}
            {!host.reachable && ` · last contact ${age(now - Date.parse(host.seen_at))}`}
            {host.versions.length > 0 && ` · Kubernetes ${host.versions.join(', ')}`}
          </Text>
        </div>
        <ToneBadge
          look={host.reachable ? REACHABLE : SILENT}
          word={host.reachable ? 'Online' : 'Offline'}
        />
      </div>
      {host.full && (
        <Note
          tone="orange"
          role="status"
          icon={<IconHourglass aria-hidden />}
          title={`Not accepting new clusters: ${host.full.message}`}
        >
          <Text size="sm">{host.full.code === 'queued' ? MAKE_ROOM : host.full.fix}</Text>
        </Note>
      )}
      {!host.reachable && (
        <Text size="sm" className={classes.old} data-testid={`old-${host.id}`}>
          Last known figures, {age(now - Date.parse(host.seen_at))}
        </Text>
      )}
      <div data-old={!host.reachable} className={classes.figures}>
        <Meters host={host} />
        <div className={classes.lists}>
          <Block title="Checks">
            <ul className={classes.checks}>
              {host.checks.map((check) => (
                <CheckLine key={check.name} check={check} />
              ))}
            </ul>
            {host.checks.length === 0 && <Dim>No checks reported.</Dim>}
          </Block>
          <Block title="Warm pool">
            <Text size="sm">{poolInWords(host)}</Text>
          </Block>
          <Block title="Leftovers">
            <Ledger host={host} />
          </Block>
        </div>
      </div>
    </Paper>
  );
}

function Meters({ host }: { host: Host }) {
  const { capacity, reserved } = host;
  const diskUsed = capacity.disk_mib - capacity.disk_free_mib;
  return (
    <div className={classes.meters}>
      <Meter
        name="CPU reserved"
        percent={share(reserved.cpu_millis, capacity.cpu_millis)}
        words={`${cpus(reserved.cpu_millis)} of ${cpus(capacity.cpu_millis)}`}
        note={`load ${host.load.toFixed(2)}`}
      />
      <Meter
        name="Memory reserved"
        percent={share(reserved.memory_mib, capacity.memory_mib)}
        words={`${gib(reserved.memory_mib)} of ${gib(capacity.memory_mib)}`}
        note={`${gib(capacity.memory_free_mib)} free now`}
      />
      <Meter
        name="Disk used"
        percent={share(diskUsed, capacity.disk_mib)}
        words={`${gib(diskUsed)} of ${gib(capacity.disk_mib)}`}
        note={`${gib(capacity.disk_free_mib)} free`}
      />
      <Meter
        name="Slots in use"
        percent={share(host.busy, host.slots)}
        words={`${host.busy} of ${host.slots}`}
        note={`${host.clusters} ${host.clusters === 1 ? 'cluster' : 'clusters'}`}
        calm
      />
    </div>
  );
}

function CheckLine({ check }: { check: Check }) {
  return (
    <li data-ok={check.ok} data-testid={`check-${check.name}`}>
      <ToneMark look={check.ok ? REACHABLE : WRONG} size={17} />
      <span>
        <strong>{check.name}</strong>
        <span className="visually-hidden">{check.ok ? ': healthy' : ': failing'}</span>{' '}
        <span className={classes.message}>{check.message}</span>
      </span>
    </li>
  );
}

function poolInWords({ pool }: Host): string {
  if (pool.wanted === 0 && pool.ready === 0 && pool.filling === 0) {
    return 'Off: clusters are created on request.';
  }
  const filling = pool.filling > 0 ? `, ${pool.filling} in preparation` : '';
  return `${pool.ready} of ${pool.wanted} ready${filling}.`;
}

function Ledger({ host }: { host: Host }) {
  const now = useNow();
  if (host.ledger.length === 0) {
    return (
      <Text size="sm" className={classes.clean} data-testid="ledger-empty">
        <ToneMark look={REACHABLE} size={17} /> No leftovers.
      </Text>
    );
  }
  return (
    <ul className={classes.checks}>
      {host.ledger.map((orphan) => (
        <li key={orphan.name}>
          <ToneMark look={WRONG} size={17} />
          <span>
            <strong className="mono">{orphan.name}</strong>{' '}
            <span className={classes.message}>
              {orphan.role} of {orphan.cluster_id}, seen {orphan.seen}{' '}
              {orphan.seen === 1 ? 'time' : 'times'}, first{' '}
              {age(now - Date.parse(orphan.first_seen_at))}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

const Dim = ({ children }: { children: ReactNode }) => (
  <Text size="sm" c="dimmed">
    {children}
  </Text>
);

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={classes.heading}>{title}</h3>
      {children}
    </section>
  );
}
