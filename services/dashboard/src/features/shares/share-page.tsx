// /share: what a share's link gives, who made it, and a button to use it.
import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouteContext } from '@tanstack/react-router';
import { AuthCard } from '@/components/auth-card';
import { NoLink, SignedInAs, WaysIn } from '@/components/link-page';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge } from '@/components/tone-badge';
import { people } from '@/lib/api/people';
import { isGone } from '@/lib/api/problem';
import type { Me, ShareFor } from '@/lib/api/types';
import { CLUSTERS } from '@/lib/clusters/cache';
import { dropToken, keptToken } from '@/lib/session/kept-token';
import { moment } from '@/lib/time/format';
import { levelWords, namespacesInWords } from './words';

export function SharePage() {
  const { me } = useRouteContext({ from: '/share' });
  const token = keptToken('share');
  const inspection = useQuery({
    queryKey: ['share', token],
    queryFn: () => people.inspectShare(token ?? ''),
    enabled: token !== null,
    retry: false,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
  const share = inspection.data;
  return (
    <AuthCard
      title={share ? `Open ${share.cluster_name}` : 'A cluster is shared with you'}
      intro={share ? `${share.shared_by} shares this cluster with you.` : 'A link to a cluster.'}
    >
      {!token && <NoLink />}
      {inspection.error && (
        <ProblemAlert
          error={inspection.error}
          title={isGone(inspection.error) ? 'This link doesn’t work' : undefined}
          busy={inspection.isFetching}
          onRetry={isGone(inspection.error) ? undefined : () => void inspection.refetch()}
        />
      )}
      {token && !share && !inspection.error && (
        <div role="status" aria-label="Loading the link">
          <Skeleton height={120} radius="md" />
        </div>
      )}
      {token && share && (
        <Stack>
          <About share={share} />
          {me ? <Redeem token={token} me={me} /> : <WaysIn next="/share" />}
        </Stack>
      )}
    </AuthCard>
  );
}

function About({ share }: { share: ShareFor }) {
  const { word, look, may } = levelWords(share.level);
  const what = share.level === 'namespaces' ? `Can ${namespacesInWords(share.namespaces)}` : may;
  return (
    <div>
      <Text size="sm" component="div">
        You join as <ToneBadge look={look} word={word} />
      </Text>
      <Text size="sm" c="dimmed" mt={6}>
        {what}. {share.expires_at && `Expires ${moment(share.expires_at)}.`}
      </Text>
    </div>
  );
}

function Redeem({ token, me }: { token: string; me: Me }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const redeem = useMutation({
    mutationFn: () => people.redeemShare(token),
    onSuccess: async (share) => {
      dropToken('share');
      // The list is read again: it has one more cluster.
      queries.removeQueries({ queryKey: CLUSTERS });
      await navigate({ to: '/clusters/$id', params: { id: share.cluster_id }, replace: true });
    },
  });
  return (
    <>
      {redeem.error && <ProblemAlert error={redeem.error} />}
      <Text size="sm">The cluster’s admins will see that you joined.</Text>
      <Button fullWidth size="md" loading={redeem.isPending} onClick={() => redeem.mutate()}>
        Open cluster
      </Button>
      <SignedInAs me={me} />
    </>
  );
}
