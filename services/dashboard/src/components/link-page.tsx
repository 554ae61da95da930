// What the pages of links (invitation, share, device, reset) have in common: the ways in for whoever is
// not signed in, who is, and a link without its secret.
import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconLinkOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { api } from '@/lib/api/client';
import type { Me } from '@/lib/api/types';
import { EmptyState } from './empty-state';

/** Log in or register; both lead back to `next`. */
export function WaysIn(props: { next: string; email?: string | null }) {
  const { next, email } = props;
  const state = email ? { email } : {};
  return (
    <Stack>
      <Text size="sm">Log in or create an account to continue.</Text>
      <Button
        fullWidth
        size="md"
        renderRoot={(root) => <Link to="/login" search={{ next }} state={state} {...root} />}
      >
        Log in
      </Button>
      <Button
        fullWidth
        size="md"
        variant="default"
        renderRoot={(root) => <Link to="/register" search={{ next }} state={state} {...root} />}
      >
        Create an account
      </Button>
    </Stack>
  );
}

/** Who is signed in, and a button to use another account. */
export function SignedInAs({ me }: { me: Me }) {
  const queries = useQueryClient();
  const router = useRouter();
  const logOut = useMutation({
    mutationFn: api.logOut,
    onSettled: () => {
      queries.clear();
      void router.invalidate();
    },
  });
  return (
    <Text size="sm" c="dimmed" ta="center">
      Logged in as {me.user.email}.{' '}
      <Anchor
        component="button"
        type="button"
        size="sm"
        disabled={logOut.isPending}
        onClick={() => logOut.mutate()}
      >
        Use another account
      </Anchor>
    </Text>
  );
}

/** The address had no secret, or this tab has used it already. */
export function NoLink() {
  return (
    <EmptyState
      icon={IconLinkOff}
      title="This link is incomplete"
      action={
        <Button variant="default" renderRoot={(root) => <Link to="/dashboard" {...root} />}>
          Go to clusters
        </Button>
      }
    >
      Open the full link you were sent.
    </EmptyState>
  );
}
