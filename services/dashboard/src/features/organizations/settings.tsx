// An organization's settings: rename, transfer, leave, delete.
import { Button, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { Gated } from '@/components/gated';
import { ProblemAlert } from '@/components/problem-alert';
import { Setting } from '@/components/setting';
import { people } from '@/lib/api/people';
import type { Member } from '@/lib/api/types';
import { checkTitle } from '@/lib/checks';
import { membersQuery, organizationQuery, PEOPLE } from '@/lib/people/queries';
import { readMe, useMe } from '@/lib/session/me';
import { adminsOnly, type InOrganization, ownersOnly } from '@/lib/session/rights';
import { RemoveDialog } from './members';
import classes from './organizations.module.css';

export function Settings(props: InOrganization) {
  const { personal } = props.organization;
  return (
    <div className={classes.stack}>
      <Rename {...props} />
      {!personal && <Transfer {...props} />}
      {!personal && <Leave {...props} />}
      {personal ? (
        <Text size="sm" c="dimmed">
          You can’t leave, transfer or delete your personal organization. It’s deleted with your
          account.
        </Text>
      ) : (
        <Dissolve {...props} />
      )}
    </div>
  );
}

function Rename(props: InOrganization) {
  const { organization } = props;
  const queries = useQueryClient();
  const reason = adminsOnly(props, 'rename the organization');
  const form = useForm({
    initialValues: { name: organization.name },
    validate: { name: checkTitle },
  });
  const rename = useMutation({
    mutationFn: () => people.renameOrganization(organization.id, form.values.name.trim()),
    onSuccess: async (renamed) => {
      queries.setQueryData(organizationQuery(organization.id).queryKey, renamed);
      notifications.show({
        color: 'green',
        title: 'Organization renamed',
        message: `The new name is ${renamed.name}.`,
      });
      await readMe(queries).catch(() => undefined);
    },
  });
  return (
    <Setting title="Name">
      {rename.error && <ProblemAlert error={rename.error} />}
      <form noValidate onSubmit={form.onSubmit(() => rename.mutate())}>
        <TextInput
          aria-label="Name of the organization"
          autoComplete="off"
          disabled={Boolean(reason) || rename.isPending}
          {...form.getInputProps('name')}
        />
        <Gated reason={reason}>
          <Button type="submit" variant="default" loading={rename.isPending}>
            Save changes
          </Button>
        </Gated>
      </form>
    </Setting>
  );
}

function Transfer(props: InOrganization) {
  const { organization } = props;
  const me = useMe();
  const queries = useQueryClient();
  const reason = ownersOnly(props, 'transfer the organization');
  const members = useQuery(membersQuery(organization.id)).data ?? [];
  const others = members.filter(({ user_id }) => user_id !== me.user.id);
  const [chosen, setChosen] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const next = others.find(({ user_id }) => user_id === chosen);
  const act = useMutation({
    mutationFn: (member: Member) => people.transferOrganization(organization.id, member.user_id),
    onSuccess: async () => {
      setAsking(false);
      setChosen(null);
      await readMe(queries).catch(() => undefined);
      await queries.invalidateQueries({ queryKey: PEOPLE });
    },
  });
  return (
    <Setting title="Transfer ownership">
      <Text size="sm" c="dimmed">
        Another member becomes the owner. You become an admin.
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (next) setAsking(true);
        }}
      >
        <Select
          aria-label="New owner"
          placeholder={others.length > 0 ? 'Choose a member' : 'No other members'}
          searchable
          data={others.map(({ user_id, name, email }) => ({
            value: user_id,
            label: `${name} (${email})`,
          }))}
          disabled={Boolean(reason) || others.length === 0}
          value={chosen}
          onChange={setChosen}
        />
        <Gated reason={reason}>
          <Button type="submit" variant="default" disabled={!next}>
            Transfer…
          </Button>
        </Gated>
      </form>
      {asking && next && (
        <ConfirmDialog
          title={`Transfer ${organization.name} to ${next.name}?`}
          confirm="Transfer ownership"
          act={{ ...act, mutate: () => act.mutate(next) }}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">
            {next.name} becomes the owner. You stay as an admin and can’t undo this yourself.
          </Text>
        </ConfirmDialog>
      )}
    </Setting>
  );
}

function Leave({ organization }: InOrganization) {
  const me = useMe();
  const [asking, setAsking] = useState(false);
  return (
    <Setting title="Leave organization">
      <Text size="sm" c="dimmed">
        You lose access to its clusters. Clusters you created stay; your invitations and open links
        are revoked. The last owner can’t leave.
      </Text>
      <div>
        <Button variant="default" onClick={() => setAsking(true)}>
          Leave…
        </Button>
      </div>
      {asking && (
        <RemoveDialog
          organization={organization}
          member={{ user_id: me.user.id, name: me.user.name }}
          onClose={() => setAsking(false)}
        />
      )}
    </Setting>
  );
}

function Dissolve(props: InOrganization) {
  const { organization } = props;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const reason = ownersOnly(props, 'delete the organization');
  const [asking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: () => people.deleteOrganization(organization.id),
    onSuccess: async () => {
      await readMe(queries).catch(() => undefined);
      await navigate({ to: '/organizations' });
      await queries.invalidateQueries({ queryKey: PEOPLE });
    },
  });
  return (
    <Setting title="Delete organization" grave>
      <Text size="sm" c="dimmed">
        This also deletes its workspaces and invitations and removes its members. Delete its
        clusters first. The audit log is kept.
      </Text>
      <div>
        <Gated reason={reason}>
          <Button variant="default" className={classes.grave} onClick={() => setAsking(true)}>
            Delete…
          </Button>
        </Gated>
      </div>
      {asking && (
        <ConfirmDialog
          title={`Delete ${organization.name}?`}
          confirm="Delete organization"
          typed={organization.name}
          act={act}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">You can’t undo this.</Text>
        </ConfirmDialog>
      )}
    </Setting>
  );
}
