// The invitations of an organization that can still be taken.
import { Button, Paper, Text } from '@mantine/core';
import { IconMailOff, IconMailPlus, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { EmptyState } from '@/components/empty-state';
import { Gated } from '@/components/gated';
import { Loaded } from '@/components/loaded';
import { NotForRole } from '@/components/not-for-role';
import { ToneBadge } from '@/components/tone-badge';
import { mayIn, useMe } from '@/features/auth/me';
import { people } from '@/lib/api/people';
import type { Invitation } from '@/lib/api/types';
import { duration, moment } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { InviteDialog } from './invite';
import { adminsOnly, type InOrganization } from './members';
import classes from './organizations.module.css';
import { invitationsQuery, membersQuery } from './queries';
import { count, roleWords } from './words';

export function Invitations(props: InOrganization) {
  const reason = adminsOnly(props, 'see and make invitations');
  const [inviting, setInviting] = useState(false);
  return (
    <div className={classes.stack}>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          Links that let people in
        </Text>
        <Gated reason={reason}>
          <Button
            leftSection={<IconUserPlus size={17} aria-hidden />}
            onClick={() => setInviting(true)}
          >
            Invite
          </Button>
        </Gated>
      </div>
      {reason ? (
        <NotForRole reason={reason} />
      ) : (
        <InvitationList {...props} onInvite={() => setInviting(true)} />
      )}
      {inviting && (
        <InviteDialog
          organization={props.organization}
          owner={mayIn(props.membership, 'organization_own')}
          onClose={() => setInviting(false)}
        />
      )}
    </div>
  );
}

function InvitationList(props: InOrganization & { onInvite: () => void }) {
  const { organization } = props;
  const invitations = useQuery(invitationsQuery(organization.id));
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  return (
    <Loaded asked={invitations} name="Loading the invitations">
      {(list) => (
        <Paper withBorder radius="lg" className={classes.frame}>
          {list.length === 0 && (
            <EmptyState
              icon={IconMailPlus}
              title="No open invitation"
              action={
                <Button variant="default" onClick={props.onInvite}>
                  Invite somebody
                </Button>
              }
            >
              An invitation is a link to send. What was taken, taken back or is too old is not
              listed.
            </EmptyState>
          )}
          <ul className={classes.list} aria-label="Invitations">
            {list.map((invitation) => (
              <InvitationRow
                key={invitation.id}
                invitation={invitation}
                onRevoke={() => setRevoking(invitation)}
              />
            ))}
          </ul>
          {revoking && <RevokeDialog invitation={revoking} onClose={() => setRevoking(null)} />}
        </Paper>
      )}
    </Loaded>
  );
}

function InvitationRow(props: { invitation: Invitation; onRevoke: () => void }) {
  const { invitation } = props;
  const now = useNow();
  const me = useMe();
  const members = useQuery(membersQuery(invitation.organization_id)).data;
  const { word, look } = roleWords(invitation.role);
  const by =
    invitation.created_by === me.user.id
      ? 'you'
      : (members?.find(({ user_id }) => user_id === invitation.created_by)?.name ??
        'somebody who left');
  const name = invitation.email ?? 'Whoever has the link';
  return (
    <li className={classes.row}>
      <span className={classes.what}>
        <span className={classes.name}>{name}</span>
        <span className={classes.detail} title={moment(invitation.expires_at)}>
          By {by} · {count(invitation.uses_left, 'use')} left · good for{' '}
          {duration(Date.parse(invitation.expires_at) - now)}
        </span>
      </span>
      <ToneBadge look={look} word={word} />
      <Button
        variant="default"
        size="xs"
        leftSection={<IconMailOff size={15} aria-hidden />}
        aria-label={`Take back the invitation for ${name}`}
        onClick={props.onRevoke}
      >
        Take back
      </Button>
    </li>
  );
}

function RevokeDialog(props: { invitation: Invitation; onClose: () => void }) {
  const { invitation, onClose } = props;
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: () => people.revokeInvitation(invitation.organization_id, invitation.id),
    onSuccess: async () => {
      await queries.invalidateQueries({
        queryKey: invitationsQuery(invitation.organization_id).queryKey,
      });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Take the invitation back?"
      confirm="Take back"
      act={act}
      onClose={onClose}
    >
      <Text size="sm">Its link is good for nothing from then on. Who came by it stays.</Text>
    </ConfirmDialog>
  );
}
