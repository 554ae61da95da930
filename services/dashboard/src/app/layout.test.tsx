// The frame around the pages: who is let in, the way out, what stands where there is no page.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { FakeEventSource } from '@/test/event-source';
import { me } from '@/test/samples';
import { listAnswer, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const signedIn = () =>
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
  );
const signedOut = () =>
  server.use(http.get('*/api/v1/auth/me', () => problem(401, 'unauthenticated', 'No session.')));

it('shows who is signed in, the connection and how labs are kept apart', async () => {
  signedIn();
  showApp('/dashboard');
  const header = await screen.findByRole('banner');
  expect(header).toHaveTextContent('Ada Lovelace');
  await waitFor(() => FakeEventSource.last.ready('0000000a-1'));
  expect(await within(header).findByText('Live')).toBeVisible();
  await userEvent.click(within(header).getByRole('button', { name: 'Account of Ada Lovelace' }));
  expect(await screen.findByText('ada@example.org')).toBeInTheDocument();
  expect(screen.getByRole('contentinfo')).toHaveTextContent('plain containers');
});

it('logs out, ends the stream and leads to the log-in page', async () => {
  signedIn();
  showApp('/dashboard');
  await userEvent.click(await screen.findByRole('button', { name: 'Account of Ada Lovelace' }));
  server.use(http.delete('*/api/v1/auth/session', () => new HttpResponse(null, { status: 204 })));
  signedOut();
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Log out' }));
  expect(await screen.findByRole('heading', { name: 'Log in' })).toBeVisible();
  expect(FakeEventSource.last.readyState).toBe(2);
});

it('leads from / to the clusters, and to the log-in page without a session', async () => {
  signedOut();
  const { router } = showApp('/');
  expect(await screen.findByRole('heading', { name: 'Log in' })).toBeVisible();
  expect(router.state.location.pathname).toBe('/login');
});

it('leads from the registration to the log-in page with a note', async () => {
  signedOut();
  server.use(
    http.post('*/api/v1/auth/register', () => HttpResponse.json(me.user, { status: 201 })),
  );
  showApp('/register');
  await userEvent.type(await screen.findByRole('textbox', { name: /Email/ }), 'ada@example.org');
  await userEvent.type(screen.getByLabelText(/^Password/), 'a good password');
  await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
  expect(await screen.findByText('Account created')).toBeVisible();
  expect(screen.getByRole('textbox', { name: /Email/ })).toHaveValue('ada@example.org');
});

it('says at the address that it is known already', async () => {
  signedOut();
  server.use(
    http.post('*/api/v1/auth/register', () => problem(409, 'name_taken', 'Known already.')),
  );
  showApp('/register');
  await userEvent.type(await screen.findByRole('textbox', { name: /Email/ }), 'ada@example.org');
  await userEvent.type(screen.getByLabelText(/^Password/), 'a good password');
  await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
  expect(await screen.findByText('Known already.')).toBeVisible();
});

it('says on the log-in page what to do about a forgotten password', async () => {
  signedOut();
  showApp('/login');
  const asked = await screen.findByRole('button', { name: 'Forgot password?' });
  expect(screen.queryByText(/reset link/)).not.toBeInTheDocument();
  await userEvent.click(asked);
  expect(screen.getByText(/Ask your administrator for a reset link/)).toBeVisible();
});

it('knows what it does not have', async () => {
  signedOut();
  showApp('/nothing/here');
  expect(await screen.findByRole('heading', { name: 'Page not found' })).toBeVisible();
});

it('offers to try again when the server does not answer', async () => {
  // React and the router report the error they hand to the page.
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  server.use(http.get('*/api/v1/auth/me', () => problem(503, 'unavailable', 'Not now.')));
  showApp('/dashboard');
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
  signedIn();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Clusters' })).toBeVisible();
});
