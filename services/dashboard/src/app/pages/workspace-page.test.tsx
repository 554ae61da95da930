// A workspace's page: status, usage, clusters, who is there.
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { statusOf } from '@/features/workspaces/words';
import type { Cluster, Role, WorkspaceDetail } from '@/lib/api/types';
import { POLL_MS } from '@/lib/live';
import { FakeEventSource } from '@/test/event-source';
import { aCluster, aMembership, aWorkspace, eventOf, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';
import { FakeWebSocket } from '@/test/web-socket';

const at = (position: number) => `0000000a-${position}`;
const demo = aCluster({ organization_id: 'org_2', workspace_id: 'ws_2', status: 'RUNNING' });
const elsewhere = aCluster({ name: 'elsewhere' });

/** The workspace `lab` of `Team` as each reading gives it; counts the readings. */
async function show(
  first: Partial<WorkspaceDetail>,
  clusters: Cluster[] = [],
  role: Role = 'owner',
) {
  const world = { workspace: aWorkspace({ name: 'lab', role, ...first }), reads: 0 };
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({
        ...me,
        organizations: [...me.organizations, aMembership({ role })],
        workspaces: [...me.workspaces, { id: 'ws_2', organization_id: 'org_2', name: 'lab' }],
      }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([...clusters, elsewhere], at(1))),
    http.get('*/api/v1/organizations/:id/members', () => page([])),
    http.get('*/api/v1/workspaces/ws_2', () => {
      world.reads += 1;
      return HttpResponse.json(world.workspace);
    }),
  );
  showApp('/workspaces/ws_2');
  await screen.findByRole('heading', { name: 'lab' });
  await waitFor(() => expect(FakeEventSource.all).not.toHaveLength(0));
  act(() => FakeEventSource.last.ready(at(1)));
  await waitFor(() => expect(FakeWebSocket.all).not.toHaveLength(0));
  return world;
}

it('shows what its clusters come to, what it holds, and its own clusters alone', async () => {
  await show(
    {
      status: 'RUNNING',
      quota: { clusters: 4 },
      used: { clusters: 1, cpu_millis: 2000, memory_mib: 2048, cluster_hours: 4 },
    },
    [demo],
  );
  expect(screen.getByTestId('workspace-status-lab')).toHaveTextContent('Running');
  expect(screen.getByRole('progressbar', { name: 'Clusters: 1 of 4' })).toBeInTheDocument();
  expect(await screen.findByTestId('status-demo')).toBeVisible();
  expect(screen.queryByTestId('status-elsewhere')).not.toBeInTheDocument();
  const trail = screen.getByRole('navigation', { name: 'Breadcrumb' });
  expect(trail).toHaveTextContent('OrganizationsTeamlab');
  expect(screen.getByRole('link', { name: 'Webhooks' })).toHaveAttribute(
    'href',
    '/organizations/org_2?tab=webhooks',
  );
});

it('follows the topic of its workspace', async () => {
  const world = await show({ status: 'EMPTY' });
  act(() => FakeWebSocket.last.connect());
  expect(FakeWebSocket.last.sent).toContainEqual({
    type: 'subscribe:workspace',
    data: { id: 'ws_2' },
  });
  await waitFor(() => expect(screen.getByTestId('connection')).toHaveTextContent('Live'));
  world.workspace = { ...world.workspace, status: 'ERROR' };
  act(() => FakeWebSocket.last.emit('workspace:status', eventOf(demo), at(5)));
  await waitFor(() =>
    expect(screen.getByTestId('workspace-status-lab')).toHaveTextContent('Error'),
  );
});

it('is read every few seconds while there is no WebSocket, and by nothing else after', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const world = await show({ status: 'EMPTY' });
  const before = world.reads;
  await act(() => vi.advanceTimersByTimeAsync(2 * POLL_MS + 500));
  expect(world.reads).toBeGreaterThanOrEqual(before + 2);
  act(() => FakeWebSocket.last.connect());
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  const connected = world.reads;
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(world.reads).toBe(connected);
});

it('says why it takes no more, and what a role may not do', async () => {
  const full = {
    code: 'quota_exceeded' as const,
    message: 'The workspace lab has 4 live clusters; 4 are allowed.',
    fix: 'Delete one.',
  };
  await show({ full }, [], 'viewer');
  expect(screen.getByTestId('workspace-full')).toHaveTextContent('4 live clusters; 4 are allowed');
  expect(await screen.findByText('No clusters')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Create first cluster' })).not.toBeInTheDocument();
  for (const name of ['New cluster', 'Change lab']) {
    expect(screen.getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true');
  }
});

it('makes a cluster here', async () => {
  await show({});
  let body: unknown;
  server.use(
    http.get('*/api/v1/cluster-versions', () => page([])),
    http.post('*/api/v1/clusters', async ({ request }) => {
      body = await request.json();
      return problem(429, 'quota_exceeded', 'No more.');
    }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Create first cluster' }));
  await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'one');
  await userEvent.click(screen.getByRole('button', { name: 'Create cluster' }));
  await waitFor(() => expect(body).toMatchObject({ name: 'one', workspace_id: 'ws_2' }));
});

it('says that it is not here, or what is wrong', async () => {
  server.use(
    http.get('*/api/v1/auth/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/clusters', () => listAnswer([], at(1))),
    http.get('*/api/v1/workspaces/ws_9', () => problem(404, 'not_found', 'Nothing here.')),
    http.get('*/api/v1/workspaces/ws_8', () => problem(503, 'unavailable', 'Not now.')),
  );
  const { unmount } = showApp('/workspaces/ws_9');
  expect(await screen.findByRole('heading', { name: 'Workspace not found' })).toBeVisible();
  unmount();
  showApp('/workspaces/ws_8');
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
});

it('shows a status of a later version by its own word', () => {
  const later = aWorkspace({ status: 'RESTING' as WorkspaceDetail['status'] });
  expect(statusOf(later).word).toBe('Resting');
  expect(statusOf(aWorkspace({ status: undefined })).word).toBe('Unknown');
});
