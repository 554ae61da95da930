// The invariants of the installation with their violations, and the switch of the warm pool.
import { Paper, Switch, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCircleCheck, IconCircleX, IconLock } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Note } from '@/components/note';
import { ToneMark } from '@/components/tone-badge';
import { api } from '@/lib/api/client';
import { inOneLine, toApiError } from '@/lib/api/problem';
import type { Installation, Invariant } from '@/lib/api/types';
import { count } from '@/lib/words';
import { INSTALLATION } from './queries';
import classes from './self-checks.module.css';

const HOLDS = { icon: IconCircleCheck, tone: 'green' } as const;
const BROKEN = { icon: IconCircleX, tone: 'red' } as const;

export function SelfChecks({ installation }: { installation: Installation }) {
  const broken = installation.invariants.filter(({ violations }) => violations > 0).length;
  return (
    <>
      <div className={classes.head}>
        <div>
          <Title order={2} size="h3">
            Self-checks
          </Title>
          <Text size="sm" c="dimmed" data-testid="self-checks-summary">
            {broken === 0
              ? `All ${installation.invariants.length} passed`
              : `${broken} of ${installation.invariants.length} failed`}{' '}
            · labyard {installation.version} · <span className="mono">{installation.id}</span>
          </Text>
        </div>
        <PoolSwitch installation={installation} />
      </div>
      {installation.locked && (
        <Note
          tone="red"
          role="alert"
          mb="md"
          icon={<IconLock aria-hidden />}
          title={`Locked: ${installation.locked.message}`}
          data-testid="installation-locked"
        >
          <Text size="sm">
            {installation.locked.fix} Until then labyard creates and deletes nothing.
          </Text>
        </Note>
      )}
      <Paper withBorder radius="lg" className={classes.frame}>
        <ul className={classes.list}>
          {installation.invariants.map((invariant) => (
            <InvariantLine key={invariant.name} invariant={invariant} />
          ))}
        </ul>
      </Paper>
    </>
  );
}

function InvariantLine({ invariant }: { invariant: Invariant }) {
  const holds = invariant.violations === 0;
  return (
    <li data-testid={`invariant-${invariant.name}`}>
      <ToneMark look={holds ? HOLDS : BROKEN} size={19} />
      <div className={classes.what}>
        <span>{invariant.what}</span>
        <span className={classes.name}>{invariant.name}</span>
        {invariant.examples?.map((example) => (
          <span key={example} className={classes.example}>
            {example}
          </span>
        ))}
      </div>
      <span className={classes.count} data-holds={holds}>
        {holds ? 'passed' : count(invariant.violations, 'violation')}
      </span>
    </li>
  );
}

function PoolSwitch({ installation }: { installation: Installation }) {
  const queries = useQueryClient();
  const pause = useMutation({
    mutationFn: (paused: boolean) => api.pausePool(paused),
    onSuccess: (now) => queries.setQueryData(INSTALLATION, now),
    onError: (thrown) =>
      notifications.show({
        color: 'red',
        title: 'Couldn’t change the warm pool',
        message: inOneLine(toApiError(thrown)),
      }),
  });
  return (
    <Switch
      label="Pause warm pool"
      description="Stops preparing clusters in advance. Ready ones are still used."
      checked={pause.isPending ? pause.variables : installation.pool_paused}
      disabled={pause.isPending}
      onChange={(event) => pause.mutate(event.currentTarget.checked)}
    />
  );
}
