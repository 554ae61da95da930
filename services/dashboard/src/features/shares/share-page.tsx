// /share: takes what a link gives, and leads to the cluster.
import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouteContext } from '@tanstack/react-router';
import { ProblemAlert } from '@/components/problem-alert';
import { AuthCard } from '@/features/auth/auth-card';
import { dropToken, keptToken } from '@/features/auth/kept-token';
import { NoLink, SignedInAs, WaysIn } from '@/features/auth/link-page';
import { CLUSTERS } from '@/features/clusters/cache';
import { people } from '@/lib/api/people';
import type { Me } from '@/lib/api/types';

export function SharePage() {
  const { me } = useRouteContext({ from: '/share' });
  const token = keptToken('share');
  return (
    <AuthCard title="A cluster is shared with you" intro="Whoever sent you this link shares one.">
      {!token && <NoLink what="it was sent to you" />}
      {token && !me && <WaysIn next="/share" />}
      {token && me && <Take token={token} me={me} />}
    </AuthCard>
  );
}

function Take({ token, me }: { token: string; me: Me }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const redeem = useMutation({
    mutationFn: () => people.redeemShare(token),
    onSuccess: async (share) => {
      dropToken('share');
      // One more cluster is the person's to see: the list is read anew.
      queries.removeQueries({ queryKey: CLUSTERS });
      await navigate({ to: '/clusters/$id', params: { id: share.cluster_id }, replace: true });
    },
  });
  return (
    <Stack>
      {redeem.error && <ProblemAlert error={redeem.error} />}
      <Text size="sm">Who looks after the cluster will see that you have taken it.</Text>
      <Button fullWidth size="md" loading={redeem.isPending} onClick={() => redeem.mutate()}>
        Open the cluster
      </Button>
      <SignedInAs me={me} />
    </Stack>
  );
}
