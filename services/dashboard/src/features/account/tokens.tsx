// API tokens: programs act with them for their maker, no further than their scope.
import { Button, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { Loaded } from '@/components/loaded';
import { Setting } from '@/components/setting';
import { account } from '@/lib/api/account';
import type { ApiToken } from '@/lib/api/types';
import { useMe } from '@/lib/session/me';
import { membershipIn } from '@/lib/session/rights';
import { age, moment } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { NewTokenDialog } from './new-token';
import classes from './profile.module.css';
import { tokensQuery } from './queries';
import { levelWord } from './scopes';

export function Tokens() {
  const tokens = useQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  return (
    <Setting title="API tokens">
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          For programs that act for you, with no more access than you have
        </Text>
        <Button
          size="sm"
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setCreating(true)}
        >
          New token
        </Button>
      </div>
      <Loaded asked={tokens} name="Loading your tokens" height={60}>
        {(list) =>
          list.length === 0 ? (
            <Text size="sm">No tokens yet.</Text>
          ) : (
            <ul className={classes.list} aria-label="API tokens">
              {list.map((token) => (
                <TokenRow key={token.id} token={token} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {creating && <NewTokenDialog onClose={() => setCreating(false)} />}
    </Setting>
  );
}

function TokenRow({ token }: { token: ApiToken }) {
  const me = useMe();
  const now = useNow();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => account.revokeToken(token.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      setAsking(false);
    },
  });
  const { level, organization_id } = token.scope;
  const where = organization_id
    ? (membershipIn(me, organization_id)?.name ?? 'an organization you left')
    : 'everywhere';
  const used = token.last_used_at
    ? `last used ${age(now - Date.parse(token.last_used_at))}`
    : 'never used';
  return (
    <li className={classes.row}>
      <IconKey size={19} aria-hidden />
      <span className={classes.what}>
        <span className={classes.name}>{token.name}</span>
        <span className={classes.detail}>
          <code>{token.prefix}…</code> · {levelWord(level)}, {where} · {used} · expires{' '}
          {moment(token.expires_at)}
        </span>
      </span>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Revoke ${token.name}`}
        onClick={() => setAsking(true)}
      >
        Revoke
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Revoke ${token.name}?`}
          confirm="Revoke token"
          act={revoke}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">Programs that use this token lose access.</Text>
        </ConfirmDialog>
      )}
    </li>
  );
}
