// Trusted pipelines.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Role, Trust } from '@/lib/api/types';
import { aMember, aMembership, anOrganization, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const trust: Trust = {
  id: 'tru_1',
  name: 'Shop',
  user_id: 'usr_9',
  issuer: 'https://token.actions.githubusercontent.com',
  audience: 'https://labs.example.org',
  claims: { repository: 'acme/shop', ref: 'refs/heads/main' },
  level: 'change',
  minutes: 60,
  created_at: '2026-01-01T00:00:00.000Z',
};

async function show(role: Role, trusts: Trust[]) {
  const world = { trusts };
  const organizations = [...me.organizations, aMembership({ role })];
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json({ ...me, organizations })),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations', () => page([anOrganization({ role })])),
    http.get('*/api/v1/organizations/org_2', () => HttpResponse.json(anOrganization({ role }))),
    http.get('*/api/v1/organizations/org_2/members', () => page([aMember({ role })])),
    http.get('*/api/v1/organizations/org_2/trusts', () => page(world.trusts)),
  );
  showApp('/organizations/org_2?tab=pipelines');
  await screen.findByText(/Pipelines that log in without a secret/);
  return world;
}

it('trusts a pipeline of one repository, and ends it', async () => {
  const world = await show('admin', []);
  let body: unknown;
  let tries = 0;
  server.use(
    http.post('*/api/v1/organizations/org_2/trusts', async ({ request }) => {
      body = await request.json();
      tries += 1;
      if (tries === 1) {
        return problem(422, 'invalid', 'Not so.', {
          errors: [{ pointer: '/issuer', detail: 'not a URL' }],
        });
      }
      world.trusts = [trust];
      return HttpResponse.json(trust, { status: 201 });
    }),
    http.delete('*/api/v1/organizations/org_2/trusts/tru_1', () => {
      world.trusts = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  expect(await screen.findByText('No trusted pipelines')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Trust a pipeline' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Trust pipeline' }));
  expect(await dialog.findByText('Enter a repository')).toBeVisible();
  await userEvent.type(dialog.getByRole('textbox', { name: /Name/ }), 'Shop');
  await userEvent.type(dialog.getByPlaceholderText('acme/shop'), 'acme/shop');
  await userEvent.type(dialog.getByPlaceholderText('refs/heads/main'), 'refs/heads/main');
  await userEvent.click(dialog.getByRole('button', { name: 'Trust pipeline' }));
  expect(await dialog.findByText(/Not a URL/i)).toBeVisible();
  await userEvent.click(dialog.getByRole('button', { name: 'Trust pipeline' }));
  const list = await screen.findByRole('list', { name: 'Pipelines' });
  await waitFor(() => expect(list).toHaveTextContent('ref = refs/heads/main'));
  expect(list).toHaveTextContent('labyard auth login --ci tru_1');
  expect(body).toEqual({
    name: 'Shop',
    issuer: 'https://token.actions.githubusercontent.com',
    claims: { repository: 'acme/shop', ref: 'refs/heads/main' },
    level: 'change',
  });
  await userEvent.click(screen.getByRole('button', { name: 'Remove Shop' }));
  const sure = within(await screen.findByRole('dialog', { name: /Remove Shop/ }));
  await userEvent.click(sure.getByRole('button', { name: 'Remove pipeline' }));
  expect(await screen.findByText('No trusted pipelines')).toBeVisible();
});

it('says to members why they see no pipelines', async () => {
  await show('member', [trust]);
  expect(await screen.findByText('You don’t have access')).toBeVisible();
  expect(screen.queryByRole('list', { name: 'Pipelines' })).toBeNull();
});
