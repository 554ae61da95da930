// The Hosts page: figures, checks, pool, reset links.
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import type { Host, Installation } from '@/lib/api/types';
import { gib, share } from '@/lib/measures';
import { me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const host: Host = {
  id: 'host-a',
  driver: 'docker',
  seen_at: new Date().toISOString(),
  reachable: true,
  slots: 4,
  busy: 1,
  clusters: 3,
  capacity: {
    cpu_millis: 8000,
    memory_mib: 16_384,
    memory_free_mib: 4096,
    disk_mib: 102_400,
    disk_free_mib: 51_200,
  },
  reserved: { cpu_millis: 6000, memory_mib: 6144 },
  load: 1.5,
  checks: [
    { name: 'docker', ok: true, message: 'Docker answers' },
    { name: 'disk', ok: false, message: 'Only 1 GiB free' },
  ],
  versions: ['v1.34.4'],
  pool: { wanted: 2, ready: 1, filling: 1 },
  ledger: [],
};
const installation: Installation = {
  id: 'ins_1',
  version: '0.1.0',
  pool_paused: false,
  invariants: [
    { name: 'inv_one', what: 'At most one open task.', violations: 0 },
    { name: 'inv_two', what: 'No orphans.', violations: 2, examples: ['volume lab-1'] },
  ],
};

function show(hosts: Host[], now: Installation = installation, admin = true) {
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({ ...me, user: { ...me.user, is_admin: admin } }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/hosts', () => page(hosts)),
    http.get('*/api/v1/installation', () => HttpResponse.json(now)),
  );
  showApp('/hosts');
}

it('shows what a host has, promised, and whether all is well with it', async () => {
  show([host]);
  const card = await screen.findByTestId('host-host-a');
  for (const words of ['6 CPU of 8 CPU', '6 GiB of 16 GiB', '50 GiB of 100 GiB', 'load 1.50']) {
    expect(card).toHaveTextContent(words);
  }
  expect(screen.getByTestId('check-docker')).toHaveTextContent('docker: healthy Docker answers');
  expect(screen.getByTestId('check-disk')).toHaveTextContent('disk: failing Only 1 GiB free');
  expect(card).toHaveTextContent('1 of 2 ready, 1 in preparation.');
  expect(screen.getByTestId('ledger-empty')).toHaveTextContent('No leftovers.');
});

it('shows what is left over, and why a host takes nothing', async () => {
  show([
    {
      ...host,
      reachable: false,
      full: { code: 'host_unreachable', message: 'Not heard of for 95 s.', fix: 'Look at it.' },
      ledger: [
        {
          name: 'lab-1-state',
          role: 'volume',
          cluster_id: 'clu_1',
          first_seen_at: host.seen_at,
          seen: 2,
        },
      ],
    },
  ]);
  const card = await screen.findByTestId('host-host-a');
  expect(card).toHaveTextContent('Offline');
  expect(card).toHaveTextContent('Not accepting new clusters: Not heard of for 95 s.');
  expect(card).toHaveTextContent('lab-1-state volume of clu_1, seen 2 times');
});

it('says to administrators what makes room on a full host', async () => {
  const full = { code: 'queued' as const, message: 'Low on memory.', fix: 'No action needed.' };
  show([{ ...host, full }]);
  const card = await screen.findByTestId('host-host-a');
  expect(card).toHaveTextContent('Stop or delete clusters on this host');
  expect(card).not.toHaveTextContent('No action needed');
  expect(screen.queryByTestId('old-host-a')).not.toBeInTheDocument();
});

it('says of the figures of a silent host how old they are', async () => {
  const seen_at = new Date(Date.now() - 10 * 60_000).toISOString();
  show([{ ...host, reachable: false, seen_at }]);
  expect(await screen.findByTestId('old-host-a')).toHaveTextContent(
    'Last known figures, 10 min ago',
  );
});

it('says which self-checks failed, and why nothing is done', async () => {
  const locked = { code: 'reaper_locked' as const, message: 'The database is old.', fix: 'Look.' };
  show([host], { ...installation, locked });
  expect(await screen.findByTestId('self-checks-summary')).toHaveTextContent('1 of 2 failed');
  expect(screen.getByTestId('invariant-inv_two')).toHaveTextContent('volume lab-1');
  expect(screen.getByTestId('installation-locked')).toHaveTextContent('The database is old.');
});

it('pauses the warm pool', async () => {
  show([host]);
  let body: unknown;
  server.use(
    http.post('*/api/v1/installation/pool', async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({ ...installation, pool_paused: true });
    }),
  );
  await userEvent.click(await screen.findByRole('switch', { name: /Pause warm pool/ }));
  await waitFor(() => expect(body).toEqual({ paused: true }));
});

it('says how a host comes to be there, and what is wrong when it cannot tell', async () => {
  show([]);
  expect(await screen.findByText('No hosts yet')).toBeVisible();
  server.use(http.get('*/api/v1/hosts', () => problem(503, 'unavailable', 'Not now.')));
});

it('is no page for people who are not administrators', async () => {
  show([host], installation, false);
  expect(await screen.findByRole('heading', { name: /not/i })).toBeVisible();
  expect(screen.queryByText('Self-checks')).not.toBeInTheDocument();
});

it('measures in whole words', () => {
  expect(gib(1536)).toBe('1.5 GiB');
  expect(gib(204_800)).toBe('200 GiB');
  expect(share(1, 0)).toBe(0);
  expect(share(3, 2)).toBe(100);
});
