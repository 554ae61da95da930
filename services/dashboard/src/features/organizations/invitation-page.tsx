// /invitation: what an invitation is for, and a button to accept it.
import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouteContext } from '@tanstack/react-router';
import { AuthCard } from '@/components/auth-card';
import { NoLink, SignedInAs, WaysIn } from '@/components/link-page';
import { ProblemAlert } from '@/components/problem-alert';
import { ToneBadge } from '@/components/tone-badge';
import { people } from '@/lib/api/people';
import { isGone } from '@/lib/api/problem';
import type { InvitationFor, Me } from '@/lib/api/types';
import { CLUSTERS } from '@/lib/clusters/cache';
import { PEOPLE } from '@/lib/people/queries';
import { roleWords } from '@/lib/people/roles';
import { dropToken, keptToken } from '@/lib/session/kept-token';
import { readMe } from '@/lib/session/me';
import { moment } from '@/lib/time/format';

export function InvitationPage() {
  const { me } = useRouteContext({ from: '/invitation' });
  const token = keptToken('invitation');
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => people.inspectInvitation(token ?? ''),
    enabled: token !== null,
    retry: false,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
  const name = invitation.data?.organization_name;
  return (
    <AuthCard
      title={name ? `Join ${name}` : 'You’re invited'}
      intro={name ? 'Someone there invited you.' : 'An invitation to an organization.'}
    >
      {!token && <NoLink />}
      {invitation.error && (
        <ProblemAlert
          error={invitation.error}
          title={isGone(invitation.error) ? 'This invitation doesn’t work' : undefined}
          busy={invitation.isFetching}
          onRetry={isGone(invitation.error) ? undefined : () => void invitation.refetch()}
        />
      )}
      {token && !invitation.data && !invitation.error && (
        <div role="status" aria-label="Loading the invitation">
          <Skeleton height={120} radius="md" />
        </div>
      )}
      {token && invitation.data && (
        <Stack>
          <About invitation={invitation.data} />
          {me ? (
            <Join token={token} invitation={invitation.data} me={me} />
          ) : (
            <WaysIn next="/invitation" email={invitation.data.email} />
          )}
        </Stack>
      )}
    </AuthCard>
  );
}

function About({ invitation }: { invitation: InvitationFor }) {
  const { word, look, may } = roleWords(invitation.role);
  return (
    <div>
      <Text size="sm" component="div">
        You join as <ToneBadge look={look} word={word} />
      </Text>
      <Text size="sm" c="dimmed" mt={6}>
        {may}. Expires {moment(invitation.expires_at)}{' '}
        {invitation.email ? `, for ${invitation.email} only` : ''}.
      </Text>
    </div>
  );
}

function Join(props: { token: string; invitation: InvitationFor; me: Me }) {
  const { token, invitation, me } = props;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => people.acceptInvitation(token),
    onSuccess: async (organization) => {
      dropToken('invitation');
      // The person sees other clusters now: the list is read again.
      queries.removeQueries({ queryKey: CLUSTERS });
      queries.removeQueries({ queryKey: PEOPLE });
      await readMe(queries).catch(() => undefined);
      await navigate({
        to: '/organizations/$id',
        params: { id: organization.id },
        replace: true,
      });
    },
  });
  const forOther = invitation.email && invitation.email !== me.user.email;
  const inAlready = me.organizations.some(
    ({ organization_id }) => organization_id === invitation.organization_id,
  );
  return (
    <>
      {accept.error && <ProblemAlert error={accept.error} />}
      {forOther ? (
        <Text size="sm">
          This invitation is for {invitation.email}. Log in with that email, or ask for your own
          invitation.
        </Text>
      ) : (
        <Button fullWidth size="md" loading={accept.isPending} onClick={() => accept.mutate()}>
          {inAlready ? 'Accept invitation' : `Join ${invitation.organization_name}`}
        </Button>
      )}
      <SignedInAs me={me} />
    </>
  );
}
