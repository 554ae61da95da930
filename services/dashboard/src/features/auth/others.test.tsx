import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Identity } from '@/lib/api/types';
import * as leave from '@/lib/leave';
import { me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';
import { dropToken, keepToken } from './kept-token';

const provider = { id: 'acme', label: 'Acme' };

/** What the page was sent to. */
function leaving() {
  return vi.spyOn(leave, 'leaveTo').mockImplementation(() => {});
}

function signedOut() {
  server.use(
    http.get('*/api/v1/auth/me', () => problem(401, 'unauthenticated', 'No session.')),
    http.get('*/api/v1/auth/providers', () => page([provider])),
  );
}

function signedIn(more: object = {}) {
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json({ ...me, ...more })),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/auth/providers', () => page([provider])),
    http.get('*/api/v1/auth/sessions', () => page([])),
    http.get('*/api/v1/auth/tokens', () => page([])),
  );
}

it('goes to a provider, with the page to come back to and an invitation', async () => {
  signedOut();
  const there = leaving();
  let body: unknown;
  server.use(
    http.post('*/api/v1/auth/oidc/acme', async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({ url: 'https://id.example.org/auth' });
    }),
  );
  keepToken('invitation', 'tok-1');
  showApp('/login?next=/invitation');
  await userEvent.click(await screen.findByRole('button', { name: 'Continue with Acme' }));
  await waitFor(() => expect(there).toHaveBeenCalledWith('https://id.example.org/auth'));
  expect(body).toEqual({ next: '/invitation', invitation: 'tok-1' });
  dropToken('invitation');
});

it('says why a provider let nobody in, and in a plain way what it does not know', async () => {
  signedOut();
  showApp('/login?refused=email_taken');
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'connect the provider in your profile',
  );
});

it('shows no button where there is no provider', async () => {
  signedOut();
  server.use(http.get('*/api/v1/auth/providers', () => page([])));
  showApp('/login?refused=of-a-later-version');
  expect(await screen.findByRole('alert')).toHaveTextContent('Try again.');
  expect(screen.queryByRole('button', { name: /Continue with/ })).toBeNull();
});

it('connects an account and disconnects it, but says that the last way in stays', async () => {
  const identity: Identity = {
    id: 'idn_1',
    provider: 'acme',
    subject: 'ana',
    email: 'ana@example.org',
    created_at: '2026-01-01T00:00:00.000Z',
    last_used_at: '2026-01-02T00:00:00.000Z',
  };
  signedIn({ has_password: false });
  const there = leaving();
  server.use(
    http.get('*/api/v1/auth/identities', () => page([identity])),
    http.post('*/api/v1/auth/identities', () =>
      HttpResponse.json({ url: 'https://id.example.org/' }),
    ),
    http.delete('*/api/v1/auth/identities/idn_1', () =>
      problem(409, 'wrong_status', 'This is your only way to log in.'),
    ),
  );
  showApp('/profile?connected=acme');
  expect(await screen.findByText(/Acme is connected/)).toBeVisible();
  const list = await screen.findByRole('list', { name: 'Connected accounts' });
  expect(list).toHaveTextContent('Acme · ana@example.org');
  await userEvent.click(screen.getByRole('button', { name: 'Disconnect Acme' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('This is your only way to log in.');
  // Who has no password is not asked for one.
  expect(screen.queryByLabelText('Current password')).toBeNull();
  expect(screen.getByRole('button', { name: 'Set password' })).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Connect Acme' }));
  await waitFor(() => expect(there).toHaveBeenCalled());
});

it('lets a program in by its code, after saying who asks', async () => {
  sessionStorage.clear();
  signedIn();
  let decided: unknown;
  server.use(
    http.post('*/api/v1/auth/device/look', () =>
      HttpResponse.json({
        client: 'labyard on box',
        address: '10.0.0.9',
        created_at: '2026-01-01T00:00:00.000Z',
        expires_at: '2026-01-01T00:10:00.000Z',
      }),
    ),
    http.post('*/api/v1/auth/device/decide', async ({ request }) => {
      decided = await request.json();
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { router } = showApp('/device#BCDF-GHJK');
  expect(await screen.findByRole('textbox')).toHaveValue('BCDF-GHJK');
  expect(router.state.location.href).toBe('/device');
  // Opening the link decides nothing.
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByText(/labyard on box/)).toBeVisible();
  expect(screen.getByText(/from 10\.0\.0\.9/)).toBeVisible();
  expect(decided).toBeUndefined();
  await userEvent.click(screen.getByRole('button', { name: 'Allow access' }));
  expect(await screen.findByText('Access allowed')).toBeVisible();
  expect(decided).toEqual({ user_code: 'BCDF-GHJK', approve: true });
  // Another link in the same tab asks anew.
  await router.navigate({ to: '/device', hash: 'MNPQ-RSTV' });
  expect(await screen.findByRole('textbox')).toHaveValue('MNPQ-RSTV');
});

it('refuses a program, and says that a code is not good', async () => {
  sessionStorage.clear();
  signedIn();
  let tries = 0;
  server.use(
    http.post('*/api/v1/auth/device/look', () => {
      tries += 1;
      return tries === 1
        ? problem(404, 'not_found', 'This code is invalid or has expired.')
        : HttpResponse.json({
            client: 'labyard on box',
            created_at: '2026-01-01T00:00:00.000Z',
            expires_at: '2026-01-01T00:10:00.000Z',
          });
    }),
    http.post('*/api/v1/auth/device/decide', () => new HttpResponse(null, { status: 204 })),
  );
  showApp('/device');
  await userEvent.type(await screen.findByRole('textbox'), 'BCDF-GHJK');
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('This code is invalid or has expired');
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Deny access' }));
  expect(await screen.findByText('Access denied')).toBeVisible();
});
