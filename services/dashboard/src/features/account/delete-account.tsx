// The end of one's account.
import { Button, PasswordInput, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { Setting } from '@/components/setting';
import { useMe } from '@/features/auth/me';
import { account } from '@/lib/api/account';
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
        Your personal clusters go with it. An organization whose last owner you are needs another
        one first. What was done stays in the audit with the address it was done under, for as long
        as the audit is kept.
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
          keep="Keep it"
          typed={user.email}
          act={remove}
          onClose={() => setAsking(false)}
        >
          <Text size="sm" mb="sm">
            You, your logins and tokens, and your personal clusters with everything in them are gone
            for good.
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
