// Who is in an organization, in which role; admins give other roles and remove people.
import { Avatar, Button, Paper, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDoorExit, IconUserMinus, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { Gated } from '@/components/gated';
import { Loaded } from '@/components/loaded';
import { ProblemAlert } from '@/components/problem-alert';
import { people } from '@/lib/api/people';
import type { Member, Organization, Role } from '@/lib/api/types';
import { initials } from '@/lib/people/initials';
import { membersQuery, PEOPLE } from '@/lib/people/queries';
import { ROLES, roleWords } from '@/lib/people/roles';
import { readMe, useMe } from '@/lib/session/me';
import { adminsOnly, type InOrganization, mayIn } from '@/lib/session/rights';
import { exact } from '@/lib/time/format';
import { count } from '@/lib/words';
import { InviteDialog } from './invite';
import classes from './organizations.module.css';

export function Members(props: InOrganization) {
  const { organization } = props;
  const members = useQuery(membersQuery(organization.id));
  const [inviting, setInviting] = useState(false);
  return (
    <div className={classes.stack}>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          {members.data ? count(members.data.length, 'person', 'people') : '\u00a0'}
        </Text>
        <Gated reason={adminsOnly(props, 'invite people')}>
          <Button
            leftSection={<IconUserPlus size={17} aria-hidden />}
            onClick={() => setInviting(true)}
          >
            Invite people
          </Button>
        </Gated>
      </div>
      <Loaded asked={members} name="Loading the members">
        {(list) => (
          <Paper withBorder radius="lg" className={classes.frame}>
            <ul className={classes.list} aria-label="Members">
              {list.map((member) => (
                <MemberRow key={member.user_id} {...props} member={member} />
              ))}
            </ul>
          </Paper>
        )}
      </Loaded>
      {inviting && (
        <InviteDialog
          organization={organization}
          owner={mayIn(props.membership, 'organization_own')}
          onClose={() => setInviting(false)}
        />
      )}
    </div>
  );
}

function MemberRow(props: InOrganization & { member: Member }) {
  const { organization, membership, member } = props;
  const me = useMe();
  const queries = useQueryClient();
  const self = member.user_id === me.user.id;
  const [going, setGoing] = useState(false);
  const [asking, setAsking] = useState<Role | null>(null);
  const place = useMutation({
    mutationFn: (role: Role) => people.changeMember(organization.id, member.user_id, role),
    onSuccess: ({ role }) => {
      setAsking(null);
      notifications.show({
        color: 'green',
        title: 'Role changed',
        message: `${self ? 'You are' : `${member.name} is`} ${roleWords(role).word} now. Before: ${roleWords(member.role).word}.`,
      });
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: PEOPLE });
      if (self) void readMe(queries).catch(() => undefined);
    },
  });
  const reason =
    adminsOnly(props, 'change roles and remove people') ??
    (member.role === 'owner' && !mayIn(membership, 'organization_own')
      ? 'Only owners can add or remove owners. Ask one of them.'
      : null);
  return (
    <li className={classes.row} data-testid={`member-${member.email}`}>
      <Avatar size={34} radius="xl" color="yard" variant="light" aria-hidden>
        {initials(member.name)}
      </Avatar>
      <span className={classes.what}>
        <span className={classes.name}>
          {member.name}
          {self && ' (you)'}
        </span>
        <span className={classes.detail} title={`Since ${exact(member.since)}`}>
          {member.email}
        </span>
      </span>
      <span className={classes.tools}>
        <RoleSelect
          label={`Role of ${member.name}`}
          role={member.role}
          owner={mayIn(membership, 'organization_own')}
          reason={reason}
          busy={place.isPending}
          onChange={(role) => {
            const grave = self || role === 'owner' || member.role === 'owner';
            if (grave) setAsking(role);
            else place.mutate(role);
          }}
        />
        <Gated reason={self ? null : reason}>
          <Button
            variant="default"
            size="xs"
            leftSection={
              self ? (
                <IconDoorExit size={15} aria-hidden />
              ) : (
                <IconUserMinus size={15} aria-hidden />
              )
            }
            aria-label={self ? 'Leave organization' : `Remove ${member.name}`}
            onClick={() => setGoing(true)}
          >
            {self ? 'Leave' : 'Remove'}
          </Button>
        </Gated>
      </span>
      {asking && (
        <RoleDialog
          organization={organization}
          member={member}
          role={asking}
          act={{ ...place, mutate: () => place.mutate(asking) }}
          onClose={() => {
            setAsking(null);
            place.reset();
          }}
        />
      )}
      {place.error && !asking && (
        <ProblemAlert error={place.error} title={`Couldn’t change the role of ${member.name}`} />
      )}
      {going && (
        <RemoveDialog organization={organization} member={member} onClose={() => setGoing(false)} />
      )}
    </li>
  );
}

/** Asks before an owner is added or removed, and before a person gives up rights of their own. */
function RoleDialog(props: {
  organization: Organization;
  member: Member;
  role: Role;
  act: { mutate: () => void; isPending: boolean; error: unknown };
  onClose: () => void;
}) {
  const { organization, member, role } = props;
  const self = member.user_id === useMe().user.id;
  const { word, may } = roleWords(role);
  const who = self ? 'You' : member.name;
  return (
    <ConfirmDialog
      title={self ? `Change your role to ${word}?` : `Make ${member.name} ${word}?`}
      confirm="Change role"
      act={props.act}
      onClose={props.onClose}
    >
      <Text size="sm">
        {role === 'owner'
          ? `${who} can then do everything in ${organization.name}, including removing other owners, transferring and deleting the organization.`
          : `${self ? 'You' : 'They'} stop being ${roleWords(member.role).word}. ${may}.`}
        {self &&
          role !== 'owner' &&
          ' You can’t undo this yourself: someone else has to give you the role back.'}
      </Text>
    </ConfirmDialog>
  );
}

export function RoleSelect(props: {
  label: string;
  role: Role;
  /** Whether the person may make owners. */
  owner: boolean;
  reason?: string | null;
  busy?: boolean;
  onChange: (role: Role) => void;
}) {
  return (
    <Select
      className={classes.role}
      size="xs"
      aria-label={props.label}
      allowDeselect={false}
      comboboxProps={{ width: 300, position: 'bottom-end' }}
      disabled={Boolean(props.reason) || props.busy}
      title={props.reason ?? undefined}
      data={ROLES.map((role) => ({
        value: role,
        label: roleWords(role).word,
        disabled: role === 'owner' && !props.owner,
      }))}
      renderOption={({ option }) => {
        const role = ROLES.find((known) => known === option.value) ?? 'viewer';
        return (
          <span>
            <span className={classes.name}>{option.label}</span>
            <span className={classes.detail}>
              {option.disabled ? 'Only owners can add owners' : roleWords(role).may}
            </span>
          </span>
        );
      }}
      value={props.role}
      onChange={(value) => {
        const role = ROLES.find((known) => known === value);
        if (role && role !== props.role) props.onChange(role);
      }}
    />
  );
}

/** Removes a member, or the person themselves. */
export function RemoveDialog(props: {
  organization: Organization;
  member: { user_id: string; name: string };
  onClose: () => void;
}) {
  const { organization, member, onClose } = props;
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const self = member.user_id === me.user.id;
  const act = useMutation({
    mutationFn: () => people.removeMember(organization.id, member.user_id),
    onSuccess: async () => {
      onClose();
      if (self) {
        await readMe(queries).catch(() => undefined);
        await navigate({ to: '/organizations' });
      }
      await queries.invalidateQueries({ queryKey: PEOPLE });
    },
  });
  return (
    <ConfirmDialog
      title={self ? `Leave ${organization.name}?` : `Remove ${member.name}?`}
      confirm={self ? 'Leave organization' : 'Remove member'}
      act={act}
      onClose={onClose}
    >
      <Text size="sm">
        {self
          ? 'You lose access to its clusters, including those shared with you. Clusters you created stay; your invitations and open links are revoked. To return you need a new invitation.'
          : `${member.name} loses access to the clusters of ${organization.name} at once, including those shared with them. Their invitations and open links are revoked; clusters they created stay.`}
      </Text>
    </ConfirmDialog>
  );
}
