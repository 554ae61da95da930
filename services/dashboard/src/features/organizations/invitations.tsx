// The open invitations of an organization.
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
import { people } from '@/lib/api/people';
import type { Invitation } from '@/lib/api/types';
import { invitationsQuery, membersQuery } from '@/lib/people/queries';
import { roleWords } from '@/lib/people/roles';
import { useMe } from '@/lib/session/me';
import { adminsOnly, type InOrganization, mayIn } from '@/lib/session/rights';
import { duration, exact } from '@/lib/time/format';
import { useNow } from '@/lib/time/use-now';
import { count } from '@/lib/words';
import { InviteDialog } from './invite';
import classes from './organizations.module.css';

export function Invitations(props: InOrganization) {
  const reason = adminsOnly(props, 'see and create invitations');
  const [inviting, setInviting] = useState(false);
  return (
    <div className={classes.stack}>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          Links for joining the organization
        </Text>
        <Gated reason={reason}>
          <Button
            leftSection={<IconUserPlus size={17} aria-hidden />}
            onClick={() => setInviting(true)}
          >
            Invite people
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
              title="No open invitations"
              action={
                <Button variant="default" onClick={props.onInvite}>
                  Create invitation
                </Button>
              }
            >
              Invitations are links you send. Used, revoked and expired ones aren’t listed.
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
        'a former member');
  const name = invitation.email ?? 'Anyone with the link';
  return (
    <li className={classes.row}>
      <span className={classes.what}>
        <span className={classes.name}>{name}</span>
        <span className={classes.detail} title={exact(invitation.expires_at)}>
          Created by {by} · {count(invitation.uses_left, 'use')} left · expires in{' '}
          {duration(Date.parse(invitation.expires_at) - now)}
        </span>
      </span>
      <ToneBadge look={look} word={word} />
      <Button
        variant="default"
        size="xs"
        leftSection={<IconMailOff size={15} aria-hidden />}
        aria-label={`Revoke invitation for ${name}`}
        onClick={props.onRevoke}
      >
        Revoke
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
      title="Revoke invitation?"
      confirm="Revoke invitation"
      act={act}
      onClose={onClose}
    >
      <Text size="sm">The link stops working. People who already joined stay.</Text>
    </ConfirmDialog>
  );
}
