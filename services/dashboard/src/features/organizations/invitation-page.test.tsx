// An invitation's page, signed in and not.
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { InvitationFor } from '@/lib/api/types';
import { dropToken, keptToken } from '@/lib/session/kept-token';
import { anOrganization, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const invitation: InvitationFor = {
  organization_id: 'org_2',
  organization_name: 'Team',
  role: 'member',
  expires_at: '2030-01-01T00:00:00.000Z',
};

function show(more: Partial<InvitationFor> = {}, signedIn = true) {
  sessionStorage.clear();
  const looked: unknown[] = [];
  server.use(
    http.get('*/api/v1/auth/me', () =>
      signedIn ? HttpResponse.json(me) : problem(401, 'unauthenticated', 'No session.'),
    ),
    http.post('*/api/v1/invitations/look', async ({ request }) => {
      looked.push(await request.json());
      return HttpResponse.json({ ...invitation, ...more });
    }),
  );
  return { ...showApp('/invitation#tok-1'), looked };
}

it('takes the secret out of the address at once, and joins', async () => {
  const { router, looked } = show();
  expect(await screen.findByRole('heading', { name: 'Join Team' })).toBeVisible();
  expect(router.state.location.href).toBe('/invitation');
  expect(looked).toEqual([{ token: 'tok-1' }]);
  let accepted: unknown;
  server.use(
    http.post('*/api/v1/invitations/accept', async ({ request }) => {
      accepted = await request.json();
      return HttpResponse.json(anOrganization({ role: 'member' }));
    }),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations/org_2', () => HttpResponse.json(anOrganization())),
    http.get('*/api/v1/organizations/org_2/members', () => page([])),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Join Team' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/organizations/org_2'));
  expect(accepted).toEqual({ token: 'tok-1' });
  expect(keptToken('invitation')).toBeNull();
});

it('leads who is not signed in through the log-in or the registration and back', async () => {
  const { router } = show({ email: 'eve@example.org' }, false);
  await userEvent.click(await screen.findByRole('link', { name: 'Create an account' }));
  expect(await screen.findByRole('textbox', { name: /Email/ })).toHaveValue('eve@example.org');
  expect(router.state.location.search).toEqual({ next: '/invitation' });
  await userEvent.click(screen.getByRole('link', { name: 'Log in' }));
  await screen.findByRole('heading', { name: 'Log in' });
  expect(router.state.location.search).toEqual({ next: '/invitation' });
  expect(keptToken('invitation')).toBe('tok-1');
});

it('says so when it is for another address', async () => {
  show({ email: 'eve@example.org' });
  expect(await screen.findByText(/This invitation is for eve@example.org/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Join Team' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Use another account' })).toBeVisible();
});

it('says so when it cannot be taken any more', async () => {
  sessionStorage.clear();
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.post('*/api/v1/invitations/look', () =>
      problem(404, 'not_found', 'This invitation is invalid or has expired.'),
    ),
  );
  showApp('/invitation#old');
  expect(await screen.findByRole('alert')).toHaveTextContent('This invitation doesn’t work');
});

it('says so when the address has no secret', async () => {
  sessionStorage.clear();
  server.use(http.get('*/api/v1/auth/me', () => HttpResponse.json(me)));
  dropToken('invitation');
  showApp('/invitation');
  expect(await screen.findByText('This link is incomplete')).toBeVisible();
});
