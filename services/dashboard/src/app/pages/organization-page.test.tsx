// An organization's page: members, invitations, workspaces, settings.
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Invitation, Member, Membership, Role, WorkspaceDetail } from '@/lib/api/types';
import { FakeEventSource } from '@/test/event-source';
import { aMember, aMembership, anOrganization, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const bob = aMember({
  user_id: 'usr_2',
  name: 'Bob',
  email: 'bob@example.org',
  role: 'member',
});

const workspace: WorkspaceDetail = {
  id: 'ws_2',
  organization_id: 'org_2',
  name: 'default',
  role: 'owner',
  status: 'RUNNING',
  quota: { clusters: 4, cpu_millis: 8000 },
  used: { clusters: 3, cpu_millis: 6000, memory_mib: 6144, cluster_hours: 12.25 },
  created_at: '2026-01-01T00:00:00.000Z',
};

const invitation: Invitation = {
  id: 'inv_1',
  organization_id: 'org_2',
  role: 'viewer',
  uses_left: 3,
  expires_at: new Date(Date.now() + 3 * 86_400_000).toISOString(),
  created_by: 'usr_1',
  created_at: '2026-01-01T00:00:00.000Z',
};

interface World {
  role: Role;
  members: Member[];
  invitations: Invitation[];
  workspaces: WorkspaceDetail[];
  memberships: Membership[];
}

/** The page of the organization `Team`, in which the person has a role. */
async function show(tab: string, more: Partial<World> = {}) {
  const role = more.role ?? 'owner';
  const world: World = {
    role,
    members: [aMember({ role }), bob],
    invitations: [],
    workspaces: [workspace],
    memberships: [...me.organizations, aMembership({ role })],
    ...more,
  };
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({ ...me, organizations: world.memberships }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations', () => page([anOrganization({ role: world.role })])),
    http.get('*/api/v1/organizations/org_2', () =>
      HttpResponse.json(anOrganization({ role: world.role })),
    ),
    http.get('*/api/v1/organizations/org_2/members', () => page(world.members)),
    http.get('*/api/v1/organizations/org_2/invitations', () => page(world.invitations)),
    http.get('*/api/v1/workspaces', () => page(world.workspaces)),
  );
  const app = showApp(`/organizations/org_2?tab=${tab}`);
  await screen.findByRole('heading', { name: 'Team' });
  return { ...app, world };
}

const asleep = (element: HTMLElement) => expect(element).toHaveAttribute('aria-disabled', 'true');

it('lists the members and gives one another role', async () => {
  const { world } = await show('members');
  let body: unknown;
  server.use(
    http.patch('*/api/v1/organizations/org_2/members/usr_2', async ({ request }) => {
      body = await request.json();
      world.members = [aMember(), { ...bob, role: 'admin' }];
      return HttpResponse.json(world.members[1]);
    }),
  );
  const select = await screen.findByRole('combobox', { name: 'Role of Bob' });
  expect(select).toHaveValue('Member');
  await userEvent.click(select);
  await userEvent.click(await screen.findByRole('option', { name: /^Admin/ }));
  await waitFor(() => expect(select).toHaveValue('Admin'));
  expect(body).toEqual({ role: 'admin' });
});

it('says why a role was not given, and how to go on', async () => {
  await show('members');
  server.use(
    http.patch('*/api/v1/organizations/org_2/members/usr_1', () =>
      problem(409, 'wrong_status', 'An organization needs at least one owner.'),
    ),
  );
  await userEvent.click(await screen.findByRole('combobox', { name: 'Role of Ada Lovelace' }));
  await userEvent.click(await screen.findByRole('option', { name: /^Viewer/ }));
  const dialog = await screen.findByRole('dialog', { name: 'Change your role to Viewer?' });
  expect(dialog).toHaveTextContent('You can’t undo this yourself');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Change role' }));
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('An organization needs at least one owner. Do this.');
});

it('asks before it makes an owner, and changes nothing until then', async () => {
  const { world } = await show('members');
  const bodies: unknown[] = [];
  server.use(
    http.patch('*/api/v1/organizations/org_2/members/usr_2', async ({ request }) => {
      bodies.push(await request.json());
      world.members = [aMember(), { ...bob, role: 'owner' }];
      return HttpResponse.json(world.members[1]);
    }),
  );
  const select = await screen.findByRole('combobox', { name: 'Role of Bob' });
  const choose = async () => {
    await userEvent.click(select);
    await userEvent.click(await screen.findByRole('option', { name: /^Owner/ }));
    return within(await screen.findByRole('dialog', { name: 'Make Bob Owner?' }));
  };
  await userEvent.click((await choose()).getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(bodies).toEqual([]);
  await userEvent.click((await choose()).getByRole('button', { name: 'Change role' }));
  await waitFor(() => expect(select).toHaveValue('Owner'));
  expect(bodies).toEqual([{ role: 'owner' }]);
});

it('offers a viewer nothing that only admins may, and says why', async () => {
  await show('members', { role: 'viewer' });
  asleep(await screen.findByRole('button', { name: 'Invite people' }));
  asleep(await screen.findByRole('button', { name: 'Remove Bob' }));
  expect(screen.getByRole('combobox', { name: 'Role of Bob' })).toBeDisabled();
  await userEvent.hover(screen.getByRole('button', { name: 'Invite people' }));
  expect(await screen.findByText(/Only admins and owners can invite people/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Invite people' }));
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Leave organization' })).not.toHaveAttribute(
    'aria-disabled',
  );
});

it('lets an admin touch no owner', async () => {
  const owner = { ...bob, role: 'owner' as const };
  await show('members', { role: 'admin', members: [aMember({ role: 'admin' }), owner] });
  expect(await screen.findByRole('combobox', { name: 'Role of Bob' })).toBeDisabled();
  asleep(screen.getByRole('button', { name: 'Remove Bob' }));
});

it('removes a member after a question', async () => {
  const { world } = await show('members');
  server.use(
    http.delete('*/api/v1/organizations/org_2/members/usr_2', () => {
      world.members = [aMember()];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Remove Bob' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog).toHaveTextContent('Bob loses access to the clusters of Team');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove member' }));
  await waitFor(() => expect(screen.queryByTestId('member-bob@example.org')).toBeNull());
});

it('follows who comes and goes without being asked', async () => {
  const { world } = await show('members', { members: [aMember()] });
  await screen.findByTestId('member-ada@example.org');
  await waitFor(() => expect(FakeEventSource.all).toHaveLength(1));
  act(() => FakeEventSource.last.ready('0000000a-1'));
  world.members = [aMember(), bob];
  await act(async () =>
    FakeEventSource.last.event('0000000a-2', {
      id: 'evt_9',
      type: 'organization.changed',
      time: '2026-01-01T00:00:00.000Z',
      organization_id: 'org_2',
      version: 0,
    }),
  );
  expect(await screen.findByTestId('member-bob@example.org')).toBeVisible();
});

it('makes an invitation and shows its link this once', async () => {
  const { world } = await show('invitations');
  expect(await screen.findByText('No open invitations')).toBeVisible();
  let body: unknown;
  server.use(
    http.post('*/api/v1/organizations/org_2/invitations', async ({ request }) => {
      body = await request.json();
      world.invitations = [invitation];
      return HttpResponse.json(
        { invitation, token: 'secret', url: 'https://lab.example.org/invitation#secret' },
        { status: 201 },
      );
    }),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Invite people' }));
  const dialog = await screen.findByRole('dialog');
  const peopleField = within(dialog).getByRole('textbox', { name: 'People' });
  await userEvent.clear(peopleField);
  await userEvent.type(peopleField, '3');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Create link' }));
  expect(await screen.findByTestId('shown-once')).toHaveTextContent(
    'https://lab.example.org/invitation#secret',
  );
  expect(body).toEqual({ role: 'member', days: 7, uses: 3 });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Done' }));
  expect(await screen.findByText('Anyone with the link')).toBeVisible();
  expect(screen.getByText(/by you · 3 uses left/)).toBeVisible();
});

it('says at the field what is wrong with an invitation', async () => {
  await show('invitations');
  await userEvent.click(await screen.findByRole('button', { name: 'Invite people' }));
  await userEvent.type(await screen.findByRole('textbox', { name: 'Email' }), 'nobody');
  await userEvent.click(screen.getByRole('button', { name: 'Create link' }));
  expect(await screen.findByText('Enter an email like you@example.org')).toBeVisible();
});

it('revokes an invitation', async () => {
  const { world } = await show('invitations', { invitations: [invitation] });
  server.use(
    http.delete('*/api/v1/organizations/org_2/invitations/inv_1', () => {
      world.invitations = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: /^Revoke invitation/ }));
  await userEvent.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke invitation' }),
  );
  expect(await screen.findByText('No open invitations')).toBeVisible();
});

it('shows what workspaces hold of their quota', async () => {
  await show('workspaces');
  const card = await screen.findByTestId('workspace-default');
  expect(within(card).getByLabelText('Clusters: 3 of 4')).toBeInTheDocument();
  expect(within(card).getByLabelText('CPU: 6 CPU of 8 CPU')).toBeInTheDocument();
  expect(within(card).getByLabelText('Memory: 6 GiB, no limit')).toBeInTheDocument();
  expect(card).toHaveTextContent('12.3 h, no limit');
});

it('changes a quota, and points at what the server refuses', async () => {
  await show('workspaces');
  const bodies: unknown[] = [];
  server.use(
    http.patch('*/api/v1/workspaces/ws_2', async ({ request }) => {
      bodies.push(await request.json());
      return bodies.length === 1
        ? problem(409, 'name_taken', 'There is one of that name.')
        : HttpResponse.json(workspace);
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Change default' }));
  const dialog = await screen.findByRole('dialog');
  const clusters = within(dialog).getByRole('textbox', { name: 'Clusters' });
  await userEvent.clear(clusters);
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Memory' }), '16');
  const save = within(dialog).getByRole('button', { name: 'Save changes' });
  await userEvent.click(save);
  expect(await within(dialog).findByText('There is one of that name.')).toBeVisible();
  await userEvent.click(save);
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(bodies[1]).toEqual({ name: 'default', quota: { cpu_millis: 8000, memory_mib: 16_384 } });
});

it('deletes the organization only when its name is typed', async () => {
  const { router, world } = await show('settings');
  let deleted = false;
  server.use(
    http.delete('*/api/v1/organizations/org_2', () => {
      deleted = true;
      world.memberships = me.organizations;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Delete…' }));
  const dialog = await screen.findByRole('dialog');
  const button = within(dialog).getByRole('button', { name: 'Delete organization' });
  expect(button).toBeDisabled();
  await userEvent.type(within(dialog).getByRole('textbox'), 'Team');
  await userEvent.click(button);
  await waitFor(() => expect(router.state.location.pathname).toBe('/organizations'));
  expect(deleted).toBe(true);
});

it('leaves the settings of owners to owners', async () => {
  await show('settings', { role: 'admin' });
  asleep(await screen.findByRole('button', { name: 'Delete…' }));
  asleep(screen.getByRole('button', { name: 'Transfer…' }));
  expect(screen.getByRole('button', { name: 'Save changes' })).not.toHaveAttribute('aria-disabled');
});

it('tells an error from nothing, and tries again', async () => {
  await show('workspaces', { workspaces: [] });
  expect(await screen.findByText('No workspaces')).toBeVisible();
});

it('knows no organization that is not the person’s', async () => {
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations/org_9', () => problem(404, 'not_found', 'Nothing here.')),
  );
  showApp('/organizations/org_9');
  expect(await screen.findByRole('heading', { name: 'Organization not found' })).toBeVisible();
});
