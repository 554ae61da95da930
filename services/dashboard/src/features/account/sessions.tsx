// One's sessions, with log-out of each or of all.
import { Button, Text } from '@mantine/core';
import { IconDeviceLaptop, IconTerminal2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { Loaded } from '@/components/loaded';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { account } from '@/lib/api/account';
import type { Session } from '@/lib/api/types';
import { age, exact, moment } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import classes from './profile.module.css';
import { sessionsQuery } from './queries';
import { useLeave } from './use-leave';

export function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const leave = useLeave();
  const everywhere = useMutation({ mutationFn: account.logOutEverywhere, onSuccess: leave });
  return (
    <Setting title="Where you’re logged in">
      <Loaded asked={sessions} name="Loading your sessions" height={90}>
        {(list) => (
          <ul className={classes.list} aria-label="Sessions">
            {list.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
      <div>
        <Button variant="default" onClick={() => setAsking(true)}>
          Log out everywhere…
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title="Log out everywhere?"
          confirm="Log out everywhere"
          act={everywhere}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">
            This logs out all your sessions, including this one. API tokens keep working; revoke
            them one by one.
          </Text>
        </ConfirmDialog>
      )}
    </Setting>
  );
}

function SessionRow({ session }: { session: Session }) {
  const now = useNow();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => account.endSession(session.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const browser = session.kind === 'browser';
  const used = session.last_used_at ?? session.created_at;
  return (
    <li className={classes.row}>
      {browser ? (
        <IconDeviceLaptop size={19} aria-hidden />
      ) : (
        <IconTerminal2 size={19} aria-hidden />
      )}
      <span className={classes.what}>
        <span className={classes.name}>
          {browser ? 'Browser' : 'Command line or program'}
          {session.current && ' (this session)'}
        </span>
        <span className={classes.detail} title={exact(session.created_at)}>
          {[
            session.address && `from ${session.address}`,
            `last used ${age(now - Date.parse(used))}`,
            `expires ${moment(session.expires_at)} at the latest`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      {!session.current && (
        <Button
          size="compact-sm"
          variant="default"
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          Log out
        </Button>
      )}
      {end.error && <ProblemAlert error={end.error} />}
    </li>
  );
}
