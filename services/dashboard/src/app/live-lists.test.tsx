// What events make stale, and when it is read again.
import { act, screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import type { Event } from '@/lib/api/types';
import { FakeEventSource } from '@/test/event-source';
import { aMembership, anOrganization, aWebhook, aWorkspace, me } from '@/test/samples';
import { listAnswer, page, server } from '@/test/server';
import { showApp } from '@/test/show';
import { FakeWebSocket } from '@/test/web-socket';
import { staleBy } from './stale';

const signal = (type: string, data: object, number = 1): Event => ({
  id: `evt_${number}`,
  type,
  time: '2026-01-01T00:00:00.000Z',
  version: 0,
  data,
});

it('finds what an event makes stale, and nothing else', () => {
  const keys = (type: string, data: object) => staleBy(signal(type, data)).map(String);
  expect(keys('share.changed', { cluster_id: 'clu_1' })).toEqual([
    'people,shares,clu_1',
    'people,access,clu_1',
    'clusters',
  ]);
  expect(keys('webhook.changed', { workspace_id: 'ws_1', webhook_id: 'whk_1' })).toEqual([
    'people,webhooks,ws_1',
    'deliveries,whk_1',
  ]);
  expect(keys('host.changed', {})).toEqual(['hosts', 'installation']);
  expect(keys('organization.changed', {})).toEqual(['people']);
  expect(keys('cluster.changed', {})).toEqual([]);
});

it('reads nothing by the clock while events arrive, and what they name at once', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  let asked = 0;
  let url = 'https://example.org/first';
  const place = { role: 'admin' as const };
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({ ...me, organizations: [aMembership(place)] }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations', () => page([anOrganization(place)])),
    http.get('*/api/v1/organizations/org_2', () => HttpResponse.json(anOrganization(place))),
    http.get('*/api/v1/workspaces', () => page([aWorkspace()])),
    http.get('*/api/v1/workspaces/ws_2/webhooks', () => {
      asked += 1;
      return page([aWebhook({ url })]);
    }),
  );
  showApp('/organizations/org_2?tab=webhooks');
  await screen.findByTestId('webhook-example.org/first');
  await waitFor(() => expect(FakeEventSource.all).not.toHaveLength(0));
  act(() => FakeEventSource.last.ready('0000000a-1'));
  await waitFor(() => expect(FakeWebSocket.all).not.toHaveLength(0));
  act(() => FakeWebSocket.last.connect());
  await waitFor(() => expect(screen.getByTestId('connection')).toHaveTextContent('Live'));
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  const before = asked;
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(asked).toBe(before);

  url = 'https://example.org/second';
  act(() =>
    FakeEventSource.last.event('0000000a-2', signal('webhook.changed', { workspace_id: 'ws_9' })),
  );
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(asked).toBe(before);
  act(() =>
    FakeEventSource.last.event(
      '0000000a-3',
      signal('webhook.changed', { workspace_id: 'ws_2' }, 2),
    ),
  );
  await screen.findByTestId('webhook-example.org/second');
  expect(asked).toBe(before + 1);

  act(() => FakeEventSource.last.breakOff());
  await act(() => vi.advanceTimersByTimeAsync(20_000));
  expect(asked).toBeGreaterThan(before + 2);
});
