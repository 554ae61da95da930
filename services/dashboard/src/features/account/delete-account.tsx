// Deletes one's account.
import { Button, PasswordInput, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { Setting } from '@/components/setting';
import { account } from '@/lib/api/account';
import { useMe } from '@/lib/session/me';
import classes from './profile.module.css';
import { useLeave } from './use-leave';

export function DeleteAccount() {
  const { user, has_password } = useMe();
  const leave = useLeave();
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState('');
  const remove = useMutation({
    mutationFn: () => account.delete(password),
    onSuccess: leave,
  });
  return (
    <Setting title="Delete your account" grave>
      <Text size="sm" c="dimmed">
        This also deletes your personal clusters. If you’re the only owner of an organization,
        transfer it first. The audit log keeps your actions with the email you used.
      </Text>
      <div>
        <Button variant="default" className={classes.grave} onClick={() => setAsking(true)}>
          Delete account…
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title="Delete your account?"
          confirm="Delete account"
          typed={user.email}
          act={remove}
          onClose={() => setAsking(false)}
        >
          <Text size="sm" mb="sm">
            This permanently deletes your account, sessions, tokens and personal clusters with
            everything in them.
          </Text>
          {has_password !== false && (
            <PasswordInput
              label="Your password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          )}
        </ConfirmDialog>
      )}
    </Setting>
  );
}
