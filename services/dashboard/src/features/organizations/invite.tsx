// The form for an invitation, and the link that comes of it.
import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '@/components/problem-alert';
import { ShownOnce } from '@/components/shown-once';
import { LIMITS } from '@/lib/api/limits';
import { people } from '@/lib/api/people';
import { aboveFields, atFields } from '@/lib/api/problem';
import type { Organization, Role } from '@/lib/api/types';
import { checkEmail, checkWhole } from '@/lib/checks';
import { invitationsQuery } from '@/lib/people/queries';
import { ROLES, roleWords } from '@/lib/people/roles';
import { moment } from '@/lib/time/format';
import classes from './organizations.module.css';

const FIELDS = ['role', 'email', 'uses', 'days'] as const;
/** As the API has it. */
const DAYS_DEFAULT = 7;

interface Values {
  role: Role;
  email: string;
  uses: number | string;
  days: number | string;
}

export function InviteDialog(props: {
  organization: Organization;
  /** Whether the person may make owners. */
  owner: boolean;
  onClose: () => void;
}) {
  const { organization, onClose } = props;
  const queries = useQueryClient();
  const form = useForm<Values>({
    initialValues: { role: 'member', email: '', uses: 1, days: DAYS_DEFAULT },
    validate: {
      email: (email) => (email.trim() === '' ? null : checkEmail(email.trim())),
      uses: (uses, { email }) => (email.trim() ? null : checkWhole(uses, LIMITS.linkUses)),
      days: (days) => checkWhole(days, LIMITS.invitationDays),
    },
  });
  const invite = useMutation({
    mutationFn: ({ role, email, uses, days }: Values) =>
      people.invite(organization.id, {
        role,
        days: Number(days),
        ...(email.trim() ? { email: email.trim() } : { uses: Number(uses) }),
      }),
    onSuccess: () =>
      queries.invalidateQueries({ queryKey: invitationsQuery(organization.id).queryKey }),
    onError: (thrown) => form.setErrors(atFields(thrown, FIELDS)),
  });
  const error = aboveFields(invite.error, FIELDS);
  const forOne = form.values.email.trim() !== '';
  const made = invite.data;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Invite to ${organization.name}`}
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {made ? (
        <Stack>
          <ShownOnce title="Invitation created" value={made.url}>
            {made.invitation.email
              ? `Send this link to ${made.invitation.email}. No one else can use it.`
              : 'Send this link. Anyone with the link can join.'}{' '}
            Expires {moment(made.invitation.expires_at)}.
          </ShownOnce>
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form noValidate onSubmit={form.onSubmit((values) => invite.mutate(values))}>
          <Stack>
            {error && <ProblemAlert error={error} />}
            <Select
              label="Role"
              description={roleWords(form.values.role).may}
              allowDeselect={false}
              data={ROLES.map((role) => ({
                value: role,
                label: roleWords(role).word,
                disabled: role === 'owner' && !props.owner,
              }))}
              data-autofocus
              disabled={invite.isPending}
              {...form.getInputProps('role')}
            />
            <TextInput
              label="Email"
              description="Only this person can join. Leave empty to let anyone with the link join."
              type="email"
              autoComplete="off"
              disabled={invite.isPending}
              {...form.getInputProps('email')}
            />
            <div className={classes.pair}>
              <NumberInput
                label="People"
                description="How many can join"
                min={LIMITS.linkUses.minimum}
                max={LIMITS.linkUses.maximum}
                allowDecimal={false}
                disabled={invite.isPending || forOne}
                {...form.getInputProps('uses')}
                value={forOne ? 1 : form.values.uses}
              />
              <NumberInput
                label="Days"
                description="Until the link expires"
                min={LIMITS.invitationDays.minimum}
                max={LIMITS.invitationDays.maximum}
                allowDecimal={false}
                disabled={invite.isPending}
                {...form.getInputProps('days')}
              />
            </div>
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose} disabled={invite.isPending}>
                Cancel
              </Button>
              <Button type="submit" loading={invite.isPending}>
                Create link
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
