// Which pages say where the person is.
import { act, screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { FakeEventSource } from '@/test/event-source';
import { aMembership, anOrganization, me } from '@/test/samples';
import { listAnswer, page, server } from '@/test/server';
import { showApp } from '@/test/show';
import { FakeWebSocket } from '@/test/web-socket';

const team = aMembership();
const lab = { organization_id: 'org_2', workspace_id: 'ws_2' };

/** A page in the eyes of somebody in `Team`, connected. */
async function open(path: string, name: string) {
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({
        ...me,
        organizations: [...me.organizations, team],
        workspaces: [...me.workspaces, { id: 'ws_2', organization_id: 'org_2', name: 'lab' }],
      }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/tasks', () => page([])),
    http.get('*/api/v1/audit', () => page([])),
    http.get('*/api/v1/organizations/org_2', () => HttpResponse.json(anOrganization())),
    http.get('*/api/v1/organizations/:id/members', () => page([])),
    http.get('*/api/v1/workspaces', () => page([])),
  );
  showApp(path);
  await screen.findByRole('heading', { name });
  await waitFor(() => expect(FakeEventSource.all).not.toHaveLength(0));
  act(() => FakeEventSource.last.ready('0000000a-1'));
}

it.each([
  ['/tasks', 'Tasks', '/tasks'],
  ['/audit?of=org_2', 'Audit', '/audit'],
  ['/organizations/org_2', 'Team', '/organizations/Team'],
])('%s says who is there too', async (path, heading, place) => {
  await open(path, heading);
  await waitFor(() => expect(FakeWebSocket.all).not.toHaveLength(0));
  act(() => FakeWebSocket.last.connect());
  expect(FakeWebSocket.last.sent).toContainEqual({
    type: 'presence:enter',
    data: { ...lab, page: place },
  });
  const here = [{ user_id: 'usr_2', page: place, since: '2026-01-01T00:00:00.000Z' }];
  act(() => FakeWebSocket.last.emit('presence', { ...lab, here }));
  expect(await screen.findByTestId('who-is-here')).toHaveTextContent('Someone is here');
});

it("keeps one's own acts to oneself", async () => {
  await open('/audit?of=own', 'Audit');
  expect(FakeWebSocket.all).toHaveLength(0);
});
