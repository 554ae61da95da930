import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { POLL_MS } from '@/features/clusters/live';
import type { Delivery, Role, Webhook } from '@/lib/api/types';
import { aMembership, anOrganization, aWebhook, aWorkspace, me } from '@/test/samples';
import { listAnswer, page, problem, server } from '@/test/server';
import { showApp } from '@/test/show';

const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  at: '2026-01-01T12:00:00.000Z',
  event_id: 'evt_1',
  type: 'cluster.created',
  attempt: 1,
  outcome: 'delivered',
  status: 204,
  took_millis: 42,
  ...more,
});

interface World {
  role: Role;
  personal: boolean;
  workspaces: ReturnType<typeof aWorkspace>[];
  webhooks: Webhook[];
}

/** The tab in the organization `Team`; the webhooks are those of `ws_2`. */
async function show(more: Partial<World> = {}) {
  const world: World = {
    role: 'admin',
    personal: false,
    workspaces: [aWorkspace()],
    webhooks: [],
    ...more,
  };
  const place = { role: world.role, personal: world.personal };
  server.use(
    http.get('*/api/v1/auth/me', () =>
      HttpResponse.json({ ...me, organizations: [...me.organizations, aMembership(place)] }),
    ),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
    http.get('*/api/v1/organizations', () => page([anOrganization(place)])),
    http.get('*/api/v1/organizations/org_2', () => HttpResponse.json(anOrganization(place))),
    http.get('*/api/v1/workspaces', () => page(world.workspaces)),
    http.get('*/api/v1/workspaces/ws_2/webhooks', () => page(world.webhooks)),
  );
  showApp('/organizations/org_2?tab=webhooks');
  await screen.findByRole('heading', { name: 'Team' });
  return world;
}

const press = async (name: string | RegExp) =>
  userEvent.click(await screen.findByRole('button', { name }));
const choose = async (name: string) =>
  userEvent.click(await screen.findByRole('menuitem', { name }));

it('is not for members, and says why', async () => {
  await show({ role: 'member' });
  expect(await screen.findByText('You don’t have access')).toBeVisible();
  expect(screen.getByText(/Only admins and owners can see and create webhooks/)).toBeVisible();
  const button = screen.getByRole('button', { name: 'New webhook' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
});

it('is there in a personal organization too', async () => {
  await show({ role: 'owner', personal: true });
  expect(await screen.findByRole('tab', { name: 'Webhooks', selected: true })).toBeVisible();
  expect(screen.queryByRole('tab', { name: 'Members' })).not.toBeInTheDocument();
  expect(await screen.findByText('No webhooks yet')).toBeVisible();
});

it('makes a webhook and shows its secret this once', async () => {
  const world = await show();
  let body: unknown;
  server.use(
    http.post('*/api/v1/workspaces/ws_2/webhooks', async ({ request }) => {
      body = await request.json();
      world.webhooks = [aWebhook({ types: ['cluster.created', 'task.changed'] })];
      const made = { webhook: world.webhooks[0], secret: 'whsec_c2VjcmV0' };
      return HttpResponse.json(made, { status: 201 });
    }),
  );
  await press('Create first webhook');
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Create webhook' }));
  expect(await dialog.findByText('Enter an address like https://example.org/events')).toBeVisible();
  await userEvent.type(
    dialog.getByRole('textbox', { name: 'Address' }),
    'https://example.org/hook',
  );
  await userEvent.click(dialog.getByRole('radio', { name: 'Selected events' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Create webhook' }));
  expect(await dialog.findByText('Choose at least one event type')).toBeVisible();
  await userEvent.click(dialog.getByRole('checkbox', { name: 'cluster.created' }));
  await userEvent.click(dialog.getByRole('checkbox', { name: 'task.changed' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Create webhook' }));
  expect(await screen.findByTestId('shown-once')).toHaveTextContent('whsec_c2VjcmV0');
  expect(body).toEqual({
    url: 'https://example.org/hook',
    types: ['cluster.created', 'task.changed'],
  });
  await userEvent.click(dialog.getByRole('button', { name: 'Done' }));
  const row = await screen.findByTestId('webhook-example.org/hook');
  expect(row).toHaveTextContent('cluster.created, task.changed · created');
  expect(screen.queryByText('whsec_c2VjcmV0')).not.toBeInTheDocument();
});

it('asks for the workspace where there are several, and lists each', async () => {
  const other = aWorkspace({ id: 'ws_3', name: 'pier' });
  await show({ workspaces: [aWorkspace(), other], webhooks: [aWebhook()] });
  const asked: string[] = [];
  server.use(
    http.get('*/api/v1/workspaces/ws_3/webhooks', () => page([])),
    http.post('*/api/v1/workspaces/:id/webhooks', ({ params }) => {
      asked.push(String(params.id));
      return problem(429, 'quota_exceeded', 'A workspace has at most 10 webhooks.');
    }),
  );
  const pier = await screen.findByTestId('webhooks-pier');
  await waitFor(() => expect(pier).toHaveTextContent(/Events of this workspace aren’t sent/));
  await press('New webhook');
  await userEvent.click(await screen.findByRole('combobox', { name: 'Workspace' }));
  await userEvent.click(await screen.findByRole('option', { name: 'pier' }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Address' }), 'https://example.org');
  await press('Create webhook');
  expect(await screen.findByRole('alert')).toHaveTextContent('at most 10 webhooks');
  expect(asked).toEqual(['ws_3']);
});

it('points at what the server refuses', async () => {
  await show({ webhooks: [aWebhook({ types: ['cluster.created', 'moon.risen'] })] });
  server.use(
    http.patch('*/api/v1/webhooks/whk_1', () =>
      problem(422, 'invalid', 'Two fields.', {
        errors: [
          { pointer: '/url', detail: 'this is not an address of the public internet' },
          { pointer: '/types/1', detail: 'one of cluster.created, cluster.changed' },
        ],
      }),
    ),
  );
  await press(/^More actions for/);
  await choose('Change…');
  // A type that the page has no words for is kept.
  expect(await screen.findByRole('checkbox', { name: 'moon.risen' })).toBeChecked();
  await press('Save changes');
  expect(await screen.findByText('This is not an address of the public internet')).toBeVisible();
  expect(screen.getByText('One of cluster.created, cluster.changed')).toBeVisible();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('changes the address and goes back to every event', async () => {
  const world = await show({ webhooks: [aWebhook({ types: ['cluster.created'] })] });
  let body: unknown;
  server.use(
    http.patch('*/api/v1/webhooks/whk_1', async ({ request }) => {
      body = await request.json();
      world.webhooks = [aWebhook({ url: 'https://example.org/other' })];
      return HttpResponse.json(world.webhooks[0]);
    }),
  );
  await press(/^More actions for/);
  await choose('Change…');
  const address = await screen.findByRole('textbox', { name: 'Address' });
  await userEvent.clear(address);
  await userEvent.type(address, 'https://example.org/other');
  await userEvent.click(screen.getByRole('radio', { name: 'All events' }));
  await press('Save changes');
  expect(await screen.findByTestId('webhook-example.org/other')).toHaveTextContent('All events');
  expect(body).toEqual({ url: 'https://example.org/other', types: [] });
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
});

it('sends a test and says at once how it went', async () => {
  await show({ webhooks: [aWebhook()] });
  const answers = [
    delivery({ type: 'webhook.test' }),
    delivery({
      type: 'webhook.test',
      outcome: 'given_up',
      status: null,
      detail: 'It did not answer.',
    }),
  ];
  server.use(http.post('*/api/v1/webhooks/whk_1/test', () => HttpResponse.json(answers.shift())));
  await press('Send test to example.org/hook');
  expect(await screen.findByText('Delivered in 42 ms, status 204')).toBeVisible();
  await press('Send test to example.org/hook');
  expect(await screen.findByText('Not delivered after 42 ms. It did not answer.')).toBeVisible();
  server.use(
    http.post('*/api/v1/webhooks/whk_1/test', () => problem(503, 'unavailable', 'Not now.')),
  );
  await press('Send test to example.org/hook');
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
});

it('turns one off and on again', async () => {
  const world = await show({ webhooks: [aWebhook()] });
  const bodies: unknown[] = [];
  server.use(
    http.patch('*/api/v1/webhooks/whk_1', async ({ request }) => {
      const body = (await request.json()) as { enabled: boolean };
      bodies.push(body);
      world.webhooks = [aWebhook(body)];
      return HttpResponse.json(world.webhooks[0]);
    }),
  );
  await press(/^More actions for/);
  await choose('Turn off');
  expect(await screen.findByText(/the webhook continues where it stopped/)).toBeVisible();
  await press('Turn on example.org/hook');
  expect(await screen.findByText('On')).toBeVisible();
  expect(bodies).toEqual([{ enabled: false }, { enabled: true }]);
});

it('says since when one fails, and why one was turned off', async () => {
  const ago = new Date(Date.now() - 12.5 * 60_000).toISOString();
  const soon = new Date(Date.now() + 4.5 * 60_000).toISOString();
  await show({
    webhooks: [
      aWebhook({ failing_since: ago, next_try_at: soon }),
      aWebhook({
        id: 'whk_2',
        url: 'https://example.org/gone',
        enabled: false,
        off_because: 'The endpoint answered 410 Gone. labyard turned the webhook off.',
      }),
    ],
  });
  const failing = await screen.findByTestId('webhook-example.org/hook');
  expect(failing).toHaveTextContent('Failing for 12 min; next attempt in 4 min');
  expect(within(failing).getByText('Failing')).toBeVisible();
  const gone = screen.getByTestId('webhook-example.org/gone');
  expect(gone).toHaveTextContent('labyard turned it off: The endpoint answered 410 Gone');
});

it('makes a new secret after a question, and says how long the old one is good', async () => {
  await show({ webhooks: [aWebhook()] });
  server.use(
    http.post('*/api/v1/webhooks/whk_1/secret', () =>
      HttpResponse.json({ webhook: aWebhook(), secret: 'whsec_bmV3' }),
    ),
  );
  await press(/^More actions for/);
  await choose('New secret…');
  await press('Create secret');
  expect(await screen.findByTestId('shown-once')).toHaveTextContent('whsec_bmV3');
  expect(screen.getByText(/The old secret keeps working for a day/)).toBeVisible();
});

it('deletes one after a question', async () => {
  const world = await show({ webhooks: [aWebhook()] });
  server.use(
    http.delete('*/api/v1/webhooks/whk_1', () => {
      world.webhooks = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await press(/^More actions for/);
  await choose('Delete…');
  await press('Delete webhook');
  expect(await screen.findByText('No webhooks yet')).toBeVisible();
});

it('lists deliveries page by page, follows new ones and shows failures alone', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  await show({ webhooks: [aWebhook()] });
  let newest = [
    delivery({ event_id: 'evt_3', outcome: 'failed', attempt: 2, status: 503, detail: 'busy' }),
    delivery({ event_id: 'evt_2' }),
  ];
  server.use(
    http.get('*/api/v1/webhooks/whk_1/deliveries', ({ request }) => {
      const asked = new URL(request.url).searchParams;
      // One that is far behind what is shown so far.
      if (asked.get('status') === 'failed') {
        return page([delivery({ event_id: 'evt_0', outcome: 'given_up' })]);
      }
      return asked.get('cursor') === '7'
        ? page([delivery({ event_id: 'evt_1' })])
        : HttpResponse.json({ items: newest, next_cursor: '7' });
    }),
  );
  await press('Deliveries to example.org/hook');
  const failed = (await screen.findByText('evt_3')).closest('li');
  expect(failed).toHaveTextContent('Failed');
  expect(failed).toHaveTextContent('attempt 2 · 503 · 42 ms');
  expect(failed).toHaveTextContent('busy');
  await press('Load older');
  expect(await screen.findByText('evt_1')).toBeVisible();
  newest = [delivery({ event_id: 'evt_4' }), ...newest];
  await act(() => vi.advanceTimersByTimeAsync(POLL_MS));
  expect(await screen.findByText('evt_4')).toBeVisible();
  await userEvent.click(screen.getByRole('switch', { name: 'Failures only' }));
  expect(await screen.findByText('evt_0')).toBeVisible();
  expect(screen.queryByText('evt_4')).not.toBeInTheDocument();
});

it('tells no failure from nothing sent, and nothing from an error', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  await show({ webhooks: [aWebhook()] });
  let answer = () => problem(503, 'unavailable', 'Not now.');
  server.use(http.get('*/api/v1/webhooks/whk_1/deliveries', () => answer()));
  await press('Deliveries to example.org/hook');
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
  answer = () => page([]);
  await press('Try again');
  expect(await screen.findByText('No deliveries yet')).toBeVisible();
  answer = () => page([delivery()]);
  await act(() => vi.advanceTimersByTimeAsync(POLL_MS));
  expect(await screen.findByText('evt_1')).toBeVisible();
  answer = () => page([]);
  await userEvent.click(screen.getByRole('switch', { name: 'Failures only' }));
  expect(await screen.findByText('No failures')).toBeVisible();
});
