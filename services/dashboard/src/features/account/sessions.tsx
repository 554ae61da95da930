// Where one is logged in, and the end of each login or of all.
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
import { age, moment } from '@/lib/time/format';
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
    <Setting title="Where you are logged in">
      <Loaded asked={sessions} name="Loading your logins" height={90}>
        {(list) => (
          <ul className={classes.list} aria-label="Logins">
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
            Every login of yours ends, this one too. API tokens go on; revoke them one by one.
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
          {browser ? 'A browser' : 'The command line or a program'}
          {session.current && ' (this one)'}
        </span>
        <span className={classes.detail} title={moment(session.created_at)}>
          {[
            session.address && `from ${session.address}`,
            `used ${age(now - Date.parse(used))}`,
            `ends ${moment(session.expires_at)} at the latest`,
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
          End
        </Button>
      )}
      {end.error && <ProblemAlert error={end.error} />}
    </li>
  );
}
