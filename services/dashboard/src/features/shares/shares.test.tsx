// Sharing a cluster, its access list, the page of a link.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Access, Share } from '@/lib/api/types';
import { aCluster, anAccess, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp, showPart } from '@/test/show';
import { ShareDialog } from './share-dialog';
import { toShare } from './share-form';
import { actionsInWords, becauseInWords, doubtInWords } from './words';

const cluster = aCluster({ status: 'RUNNING' });
const link: Share = {
  id: 'shr_1',
  cluster_id: cluster.id,
  level: 'viewer',
  namespaces: [],
  uses_left: 5,
  expires_at: new Date(Date.now() + 5 * 3_600_000).toISOString(),
  created_by: 'usr_1',
  created_at: '2026-01-01T00:00:00.000Z',
};
const eve = { user_id: 'usr_3', name: 'Eve', email: 'eve@example.org', email_verified: false };

function showDialog(shares: Share[]) {
  const world = { shares };
  server.use(
    http.get('*/api/v1/clusters', () => listAnswer([cluster], '0000000a-1')),
    http.get('*/api/v1/clusters/:id/shares', () => page(world.shares)),
  );
  showPart(<ShareDialog cluster={cluster} onClose={() => {}} />);
  return world;
}

it('shares with a person, and says at the field when there is none', async () => {
  const world = showDialog([]);
  expect(await screen.findByText('Not shared outside its organization.')).toBeVisible();
  server.use(
    http.post('*/api/v1/clusters/:id/shares', () =>
      problem(422, 'invalid', 'Not so.', {
        errors: [{ pointer: '/email', detail: 'nobody here has this address' }],
      }),
    ),
  );
  await userEvent.type(screen.getByRole('textbox', { name: /Email/ }), 'eve@example.org');
  await userEvent.click(screen.getByRole('button', { name: 'Share cluster' }));
  expect(await screen.findByText('Nobody here has this address')).toBeVisible();
  let body: unknown;
  server.use(
    http.post('*/api/v1/clusters/:id/shares', async ({ request }) => {
      body = await request.json();
      const made = { ...link, person: eve };
      world.shares = [made];
      return HttpResponse.json({ share: made }, { status: 201 });
    }),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Share cluster' }));
  expect(await screen.findByText('Eve (eve@example.org)')).toBeVisible();
  expect(body).toEqual({ level: 'viewer', email: 'eve@example.org' });
  expect(await screen.findByText(/^eve@example.org isn’t verified/)).toBeVisible();
});

it('doubts an address that nobody verified or that looks like another', () => {
  expect(doubtInWords({ ...eve, email_verified: true })).toBe('');
  expect(doubtInWords(eve)).toMatch(
    /^eve@example.org isn’t verified to belong to Eve\. .* send a link\.$/,
  );
  const lookalike = { spelled: '\\u{435}ve@example.org', mixed_scripts: true };
  expect(doubtInWords({ ...eve, email_verified: true, lookalike })).toBe(
    'The address is \\u{435}ve@example.org.',
  );
  const looks_like = 'eve@example.org';
  expect(
    doubtInWords({ ...eve, email_verified: true, lookalike: { ...lookalike, looks_like } }),
  ).toBe('The address is \\u{435}ve@example.org, not eve@example.org.');
});

it('makes a link, shows it this once, and ends it', async () => {
  const world = showDialog([]);
  let body: unknown;
  server.use(
    http.post('*/api/v1/clusters/:id/shares', async ({ request }) => {
      body = await request.json();
      world.shares = [link];
      const url = 'https://lab.example.org/share#secret';
      return HttpResponse.json({ share: link, token: 'secret', url }, { status: 201 });
    }),
    http.delete('*/api/v1/clusters/:id/shares/shr_1', () => {
      world.shares = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(await screen.findByRole('radio', { name: 'Anyone with the link' }));
  const uses = screen.getByRole('textbox', { name: 'People' });
  await userEvent.clear(uses);
  await userEvent.type(uses, '5');
  await userEvent.type(screen.getByRole('textbox', { name: 'Hours' }), '5');
  await userEvent.click(screen.getByRole('button', { name: 'Create link' }));
  expect(await screen.findByTestId('shown-once')).toHaveTextContent('/share#secret');
  expect(body).toEqual({ level: 'viewer', uses: 5, hours: 5 });
  const list = await screen.findByRole('list', { name: 'Shares' });
  expect(list).toHaveTextContent('5 uses left; revoking also removes everyone who joined by it');
  await userEvent.click(within(list).getByRole('button', { name: 'Revoke: Link' }));
  expect(await screen.findByText('Not shared outside its organization.')).toBeVisible();
});

it('names namespaces once each, changing before seeing', () => {
  const share = toShare({
    to: 'person',
    email: ' eve@example.org ',
    level: 'namespaces',
    change: ['dev'],
    see: ['dev', 'prod'],
    hours: '',
    uses: 1,
  });
  expect(share).toEqual({
    email: 'eve@example.org',
    level: 'namespaces',
    namespaces: [
      { name: 'dev', edit: true },
      { name: 'prod', edit: false },
    ],
  });
});

it('says who may do what and why', () => {
  expect(actionsInWords(['cluster_read', 'cluster_use'])).toBe('Can view and use');
  expect(actionsInWords([])).toBe('No access');
  expect(becauseInWords({ by: 'role', role: 'member' })).toBe('Member of the organization');
  expect(
    becauseInWords({
      by: 'share',
      share_id: 'shr_1',
      level: 'namespaces',
      namespaces: [{ name: 'dev', edit: true }],
      link: true,
    }),
  ).toBe('Joined by link: change dev, until the cluster is deleted');
});

function showCluster(access: Access) {
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer([cluster], '0000000a-1')),
    http.get('*/api/v1/clusters/:id/access', () => HttpResponse.json(access)),
    http.get('*/api/v1/tasks', () => page([])),
    http.get('*/api/v1/timeline', () => page([])),
    http.post('*/api/v1/clusters/:id/active', () => new HttpResponse(null, { status: 204 })),
  );
  return showApp('/clusters/clu_demo');
}

it('shows the access to a cluster on its page', async () => {
  showCluster(anAccess());
  await userEvent.click(await screen.findByRole('tab', { name: 'Access' }));
  const list = await screen.findByRole('list', { name: 'Access' });
  expect(list).toHaveTextContent('Can view, use, change, delete and share');
  expect(list).toHaveTextContent('Owner of the organization');
  expect(list).toHaveTextContent('labyard:owner');
  expect(screen.queryByRole('list', { name: 'Open links' })).toBeNull();
});

it('shows the links that anybody may still take', async () => {
  showCluster({ ...anAccess(), links: [link], more: true });
  await userEvent.click(await screen.findByRole('tab', { name: 'Access' }));
  const list = await screen.findByRole('list', { name: 'Open links' });
  expect(list).toHaveTextContent('Viewer · 5 uses left · expires');
  expect(screen.getByText(/Some people and links/)).toBeVisible();
});

it('offers no sharing to who may not, and lets them remove their own access', async () => {
  const { router } = showCluster(
    anAccess({
      actions: ['cluster_read', 'cluster_use'],
      because: [{ by: 'share', share_id: 'shr_9', level: 'viewer', namespaces: [], link: false }],
    }),
  );
  const button = await screen.findByRole('button', { name: 'Share demo' });
  await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'true'));
  let ended = '';
  server.use(
    http.delete('*/api/v1/clusters/:id/shares/:share', ({ params }) => {
      ended = String(params.share);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(screen.getByRole('tab', { name: 'Access' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Remove my access' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/dashboard'));
  expect(ended).toBe('shr_9');
});

const landing = {
  cluster_name: 'demo',
  shared_by: 'Ada',
  level: 'operator',
  namespaces: [],
  expires_at: link.expires_at,
};

it('says whose cluster a link opens and as what, and leads to it', async () => {
  sessionStorage.clear();
  showCluster(anAccess());
  server.use(
    http.post('*/api/v1/shares/look', async ({ request }) => {
      expect(await request.json()).toEqual({ token: 'tok-2' });
      return HttpResponse.json(landing);
    }),
    http.post('*/api/v1/shares/redeem', async ({ request }) => {
      expect(await request.json()).toEqual({ token: 'tok-2' });
      return HttpResponse.json({ ...link, person: eve });
    }),
  );
  const { router } = showApp('/share#tok-2');
  expect(await screen.findByRole('heading', { name: 'Open demo' })).toBeVisible();
  expect(screen.getByText('Ada shares this cluster with you.')).toBeVisible();
  expect(screen.getByText('Operator')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Open cluster' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/clusters/clu_demo'));
});

it('says of a link that has ended that it does not work', async () => {
  sessionStorage.clear();
  server.use(
    http.get('*/api/v1/auth/me', () => problem(401, 'unauthenticated', 'No session.')),
    http.post('*/api/v1/shares/look', () => problem(404, 'not_found', 'This link has expired.')),
  );
  showApp('/share#tok-3');
  expect(await screen.findByRole('alert')).toHaveTextContent('This link doesn’t work');
  expect(screen.queryByRole('link', { name: 'Log in' })).not.toBeInTheDocument();
});
