// The list of organizations, the switcher, new organizations.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { aCluster, aMembership, anOrganization, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const mine = anOrganization({ id: 'org_1', name: 'Ada Lovelace', personal: true, members: 1 });

function show(path: string, organizations = [mine], memberships = me.organizations) {
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json({ ...me, organizations: memberships })),
    http.get('*/api/v1/clusters', () =>
      listAnswer(
        [
          aCluster({ name: 'mine', organization_id: 'org_1' }),
          aCluster({ name: 'ours', organization_id: 'org_2' }),
          aCluster({ name: 'theirs', organization_id: 'org_9' }),
        ],
        '0000000a-1',
      ),
    ),
    http.get('*/api/v1/organizations', () => page(organizations)),
  );
  return showApp(path);
}

it('lists the organizations, and says what the first of one’s own are for', async () => {
  show('/organizations');
  expect(await screen.findByText('No shared organizations yet')).toBeVisible();
  expect(screen.getByText(/Only you/)).toBeVisible();
});

it('says when it cannot be read, and tries again', async () => {
  show('/organizations');
  server.use(http.get('*/api/v1/organizations', () => problem(503, 'unavailable', 'Not now.')));
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
  server.use(http.get('*/api/v1/organizations', () => page([anOrganization()])));
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('2 members · 1 workspace')).toBeVisible();
});

it('makes an organization and leads to its page', async () => {
  const { router } = show('/organizations');
  server.use(
    http.post('*/api/v1/organizations', () => HttpResponse.json(anOrganization(), { status: 201 })),
    http.get('*/api/v1/organizations/org_2', () => HttpResponse.json(anOrganization())),
    http.get('*/api/v1/organizations/org_2/members', () => page([])),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'New organization' }));
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Create organization' }));
  expect(await within(dialog).findByText('Use 1 to 100 characters')).toBeVisible();
  await userEvent.type(within(dialog).getByRole('textbox', { name: /Name/ }), 'Team');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Create organization' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/organizations/org_2'));
});

it('shows the clusters of the organization that is chosen', async () => {
  localStorage.clear();
  show('/dashboard', [mine], [...me.organizations, aMembership({ role: 'viewer' })]);
  expect(await screen.findByTestId('cluster-theirs')).toBeVisible();
  const choose = async (name: string | RegExp) => {
    await userEvent.click(screen.getByTestId('organization-switcher'));
    await userEvent.click(await screen.findByRole('menuitem', { name }));
  };
  await choose(/^Team/);
  await waitFor(() => expect(screen.queryByTestId('cluster-theirs')).not.toBeInTheDocument());
  expect(screen.getByTestId('cluster-ours')).toBeVisible();
  expect(screen.queryByTestId('cluster-mine')).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'New cluster' })).toHaveAttribute('aria-disabled');
  expect(screen.getByRole('button', { name: 'Delete ours' })).toHaveAttribute('aria-disabled');
  await choose('Shared with me');
  expect(await screen.findByTestId('cluster-theirs')).toBeVisible();
  expect(screen.queryByTestId('cluster-ours')).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Extend theirs' })).toHaveAttribute('aria-disabled');
  await choose('Everything');
  expect(await screen.findByTestId('cluster-mine')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Delete mine' })).not.toHaveAttribute('aria-disabled');
});
