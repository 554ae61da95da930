// The lines of the audit, as a table; on a phone each line is a block.
import { Paper } from '@mantine/core';
import { IconBan, IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { ToneBadge } from '@/components/tone-badge';
import type { AuditEntry } from '@/lib/api/types';
import { useClusterList } from '@/lib/clusters/cache';
import { useLive } from '@/lib/live';
import { useMe } from '@/lib/session/me';
import { exact, moment } from '@/lib/time/format';
import classes from './audit.module.css';
import { actionWords, details, who } from './words';

const ALLOWED = { icon: IconCheck, tone: 'green' } as const;
const REFUSED = { icon: IconBan, tone: 'red' } as const;

export function AuditList({ entries }: { entries: AuditEntry[] }) {
  return (
    <Paper withBorder radius="lg" className={classes.frame}>
      <table className={classes.table}>
        <caption className="visually-hidden">Audit log, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Person</th>
            <th scope="col">Action</th>
            <th scope="col">Result</th>
            <th scope="col">Address</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Line key={entry.number} entry={entry} />
          ))}
        </tbody>
      </table>
    </Paper>
  );
}

function Line({ entry }: { entry: AuditEntry }) {
  const me = useMe();
  return (
    <tr data-action={entry.action} data-allowed={entry.allowed}>
      <td className={classes.when}>
        <time dateTime={entry.at} title={exact(entry.at)}>
          {moment(entry.at)}
        </time>
      </td>
      <td className={classes.who} title={entry.email ?? undefined}>
        {who(entry, me.user.id)}
      </td>
      <td className={classes.what}>
        <span className={classes.action}>{actionWords(entry.action)}</span>
        <ObjectOf entry={entry} />
        {details(entry.detail).map(([name, value]) => (
          <span key={name} className={classes.detail}>
            {name}: {value}
          </span>
        ))}
      </td>
      <td>
        <ToneBadge
          look={entry.allowed ? ALLOWED : REFUSED}
          word={entry.allowed ? 'Allowed' : 'Denied'}
        />
        {entry.code && <span className={classes.detail}>{entry.code}</span>}
      </td>
      <td className={classes.from}>{entry.address ?? ''}</td>
    </tr>
  );
}

/** The cluster by its name where that is known; deleted ones have a page too. */
function ObjectOf({ entry: { cluster_id, object } }: { entry: AuditEntry }) {
  const { cache } = useLive();
  const named = useClusterList(cache).data?.items.find(({ id }) => id === cluster_id);
  if (cluster_id) {
    return (
      <Link
        to="/clusters/$id"
        params={{ id: cluster_id }}
        className={named ? classes.named : classes.object}
        title={object ?? cluster_id}
      >
        {named?.name ?? cluster_id}
      </Link>
    );
  }
  return object ? <span className={classes.object}>{object}</span> : null;
}
