// The profile: name, password, sessions, tokens, the end of an account.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { ApiToken, Session } from '@/lib/api/types';
import { keptToken } from '@/lib/session/kept-token';
import { me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const session = (more: Partial<Session> = {}): Session => ({
  id: 'ses_1',
  kind: 'browser',
  address: '127.0.0.1',
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-02-01T00:00:00.000Z',
  current: true,
  ...more,
});

const token: ApiToken = {
  id: 'ses_7',
  name: 'Nightly',
  prefix: 'lby_0123abcd',
  scope: { level: 'change', organization_id: 'org_1' },
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-04-01T00:00:00.000Z',
};

async function show(more: { sessions?: Session[]; tokens?: ApiToken[] } = {}) {
  const world = { sessions: [session()], tokens: [] as ApiToken[], me, ...more };
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(world.me)),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/auth/sessions', () => page(world.sessions)),
    http.get('*/api/v1/auth/tokens', () => page(world.tokens)),
  );
  const app = showApp('/profile');
  await screen.findByRole('heading', { name: 'Ada Lovelace' });
  return { ...app, world };
}

const section = (name: string) => within(screen.getByRole('region', { name }));

it('changes the name at once, the address only with the password', async () => {
  const { world } = await show();
  const bodies: unknown[] = [];
  server.use(
    http.patch('*/api/v1/auth/me', async ({ request }) => {
      bodies.push(await request.json());
      const user = { ...me.user, name: 'Ada' };
      world.me = { ...me, user };
      return HttpResponse.json(user);
    }),
  );
  const form = section('Name and email');
  await userEvent.clear(form.getByRole('textbox', { name: 'Name' }));
  await userEvent.type(form.getByRole('textbox', { name: 'Name' }), 'Ada');
  await userEvent.click(form.getByRole('button', { name: 'Save changes' }));
  expect(await screen.findByRole('heading', { name: 'Ada' })).toBeVisible();
  await userEvent.type(form.getByRole('textbox', { name: 'Email' }), '.uk');
  await userEvent.click(form.getByRole('button', { name: 'Save changes' }));
  expect(await form.findByText('Enter your password to change your email')).toBeVisible();
  expect(bodies).toEqual([{ name: 'Ada' }]);
});

it('changes the password, and says at the field what was wrong', async () => {
  await show();
  let tries = 0;
  server.use(
    http.post('*/api/v1/auth/password', () => {
      tries += 1;
      return tries === 1
        ? problem(422, 'invalid', 'Not so.', {
            errors: [{ pointer: '/password', detail: 'not your password' }],
          })
        : new HttpResponse(null, { status: 204 });
    }),
  );
  const form = section('Password');
  await userEvent.type(form.getByLabelText('Current password'), 'wrong');
  await userEvent.type(form.getByLabelText('New password'), 'a good new one');
  await userEvent.click(form.getByRole('button', { name: 'Change password' }));
  expect(await form.findByText('Not your password')).toBeVisible();
  await userEvent.click(form.getByRole('button', { name: 'Change password' }));
  expect(await screen.findByText('Password changed')).toBeInTheDocument();
  expect(form.getByLabelText('Current password')).toHaveValue('');
});

it('shows where one is logged in, ends one login, and all of them', async () => {
  const other = session({ id: 'ses_2', kind: 'machine', current: false, address: '10.0.0.9' });
  const { router, world } = await show({ sessions: [session(), other] });
  server.use(
    http.delete('*/api/v1/auth/sessions/ses_2', () => {
      world.sessions = [session()];
      return new HttpResponse(null, { status: 204 });
    }),
    http.post('*/api/v1/auth/logout-everywhere', () => new HttpResponse(null, { status: 204 })),
  );
  const list = await screen.findByRole('list', { name: 'Sessions' });
  expect(list).toHaveTextContent('Browser (this session)');
  expect(list).toHaveTextContent('from 10.0.0.9');
  await userEvent.click(within(list).getByRole('button', { name: 'Log out' }));
  await waitFor(() => expect(list).not.toHaveTextContent('10.0.0.9'));
  await userEvent.click(screen.getByRole('button', { name: 'Log out everywhere…' }));
  server.use(http.get('*/api/v1/auth/me', () => problem(401, 'unauthenticated', 'No session.')));
  await userEvent.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Log out everywhere' }),
  );
  await waitFor(() => expect(router.state.location.pathname).toBe('/login'));
});

it('makes a token, shows it this once, and revokes it', async () => {
  const { world } = await show();
  let body: unknown;
  server.use(
    http.post('*/api/v1/auth/tokens', async ({ request }) => {
      body = await request.json();
      world.tokens = [token];
      return HttpResponse.json({ api_token: token, token: 'lby_0123abcd_secret' }, { status: 201 });
    }),
    http.delete('*/api/v1/auth/tokens/ses_7', () => {
      world.tokens = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  expect(await screen.findByText('No tokens yet.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'New token' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Create token' }));
  expect(await dialog.findByText('Enter a name')).toBeVisible();
  await userEvent.type(dialog.getByRole('textbox', { name: /Name/ }), 'Nightly');
  await userEvent.click(dialog.getByRole('button', { name: 'Create token' }));
  expect(await screen.findByTestId('shown-once')).toHaveTextContent('lby_0123abcd_secret');
  expect(body).toEqual({ name: 'Nightly', days: 90, scope: { level: 'read' } });
  await userEvent.click(dialog.getByRole('button', { name: 'Done' }));
  const list = await screen.findByRole('list', { name: 'API tokens' });
  expect(list).toHaveTextContent('lby_0123abcd… · Change, Ada Lovelace · never used');
  expect(list).not.toHaveTextContent('secret');
  await userEvent.click(screen.getByRole('button', { name: 'Revoke Nightly' }));
  await userEvent.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke token' }),
  );
  expect(await screen.findByText('No tokens yet.')).toBeVisible();
});

it('deletes the account only when its address is typed, and says why not', async () => {
  await show();
  server.use(
    http.delete('*/api/v1/auth/me', () =>
      problem(409, 'wrong_status', 'You are the last owner of Team.'),
    ),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Delete account…' }));
  const dialog = within(await screen.findByRole('dialog'));
  const button = dialog.getByRole('button', { name: 'Delete account' });
  expect(button).toBeDisabled();
  await userEvent.type(dialog.getByLabelText('Your password'), 'the password');
  await userEvent.type(dialog.getByRole('textbox', { name: /Type/ }), 'ada@example.org');
  await userEvent.click(button);
  expect(await dialog.findByRole('alert')).toHaveTextContent('You are the last owner of Team.');
});

it('sets a new password by a link, whose secret leaves the address', async () => {
  sessionStorage.clear();
  let body: unknown;
  server.use(
    http.get('*/api/v1/auth/me', () => problem(401, 'unauthenticated', 'No session.')),
    http.post('*/api/v1/auth/reset', async ({ request }) => {
      body = await request.json();
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { router } = showApp('/reset#tok-3');
  await userEvent.type(await screen.findByLabelText(/New password/), 'a good new one');
  expect(router.state.location.href).toBe('/reset');
  await userEvent.click(screen.getByRole('button', { name: 'Set password' }));
  expect(await screen.findByRole('heading', { name: 'Log in' })).toBeVisible();
  expect(body).toEqual({ token: 'tok-3', new_password: 'a good new one' });
  expect(keptToken('reset')).toBeNull();
});
