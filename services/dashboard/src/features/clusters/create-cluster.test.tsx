// The form for a new cluster.
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { useState } from 'react';
import { aCluster, aTask, me } from '@/test/samples';
import { listAnswer, problem, server, versions } from '@/test/server';
import { showPart } from '@/test/show';
import { CreateClusterForm, workspacesByOrganization } from './create-cluster';

const nameField = () => screen.getByRole('textbox', { name: /^Name/ });
const ttlField = () => screen.getByRole('textbox', { name: /Time to live/ });
const submit = () => screen.getByRole('button', { name: 'Create cluster' });

/** The form until it is done. */
function Dialog({ onDone }: { onDone: () => void }) {
  const [open, setOpen] = useState(true);
  const close = () => {
    onDone();
    setOpen(false);
  };
  return open ? (
    <CreateClusterForm workspaces={workspacesByOrganization(me)} onDone={close} />
  ) : null;
}

function show() {
  server.use(
    versions(),
    http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')),
  );
  const done = vi.fn();
  showPart(<Dialog onDone={done} />);
  return done;
}

it('cannot be sent before it has a name', async () => {
  show();
  expect(submit()).toBeDisabled();
  await userEvent.type(nameField(), 'demo');
  expect(submit()).toBeEnabled();
});

it('says what is wrong with a name while it is typed', async () => {
  show();
  await userEvent.type(nameField(), 'Demo');
  expect(await screen.findByText('Start with a lowercase letter')).toBeVisible();
  expect(nameField()).toBeInvalid();
  expect(submit()).toBeDisabled();
});

it('says what is wrong with a time to live', async () => {
  show();
  await userEvent.type(nameField(), 'demo');
  await userEvent.clear(ttlField());
  await userEvent.type(ttlField(), '200');
  expect(await screen.findByText('Enter 0.25 to 168 hours')).toBeVisible();
  expect(submit()).toBeDisabled();
});

it('is busy while it waits, then done', async () => {
  const done = show();
  let sent: unknown;
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  server.use(
    http.post('*/api/v1/clusters', async ({ request }) => {
      sent = await request.json();
      await held;
      return HttpResponse.json({ cluster: aCluster(), task: aTask() }, { status: 202 });
    }),
  );
  await userEvent.type(nameField(), 'demo');
  await userEvent.click(screen.getByRole('button', { name: '24 h' }));
  await userEvent.click(submit());
  await waitFor(() => expect(submit()).toHaveAttribute('data-loading', 'true'));
  expect(submit()).toBeDisabled();
  expect(nameField()).toBeDisabled();
  answer();
  await waitFor(() => expect(done).toHaveBeenCalledOnce());
  expect(sent).toEqual({ name: 'demo', ttl_hours: 24 });
});

it('can be left while it waits, and says afterwards what went wrong', async () => {
  const done = show();
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  server.use(
    http.post('*/api/v1/clusters', async () => {
      await held;
      return problem(429, 'quota_exceeded', 'Ten is the most.');
    }),
  );
  await userEvent.type(nameField(), 'demo');
  await userEvent.click(submit());
  const close = await screen.findByRole('button', { name: 'Close' });
  expect(close).toBeEnabled();
  await userEvent.click(close);
  expect(done).toHaveBeenCalledOnce();
  answer();
  expect(await screen.findByText('Couldn’t create demo')).toBeInTheDocument();
});

it("shows the server's word at the field it is about", async () => {
  const done = show();
  server.use(
    http.post('*/api/v1/clusters', () =>
      problem(422, 'invalid', 'A field.', {
        errors: [{ pointer: '/name', detail: 'this name is reserved' }],
      }),
    ),
  );
  await userEvent.type(nameField(), 'demo');
  await userEvent.click(submit());
  expect(await screen.findByText('This name is reserved')).toBeVisible();
  expect(nameField()).toBeInvalid();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  expect(done).not.toHaveBeenCalled();
});

it('points at the name when it is taken', async () => {
  show();
  server.use(
    http.post('*/api/v1/clusters', () => problem(409, 'name_taken', 'There is a demo already.')),
  );
  await userEvent.type(nameField(), 'demo');
  await userEvent.click(submit());
  expect(await screen.findByText('There is a demo already.')).toBeVisible();
  expect(nameField()).toBeInvalid();
});

it('shows a refusal that is about no field', async () => {
  show();
  server.use(
    http.post('*/api/v1/clusters', () => problem(429, 'quota_exceeded', 'Ten is the most.')),
  );
  await userEvent.type(nameField(), 'demo');
  await userEvent.click(submit());
  expect(await screen.findByRole('alert')).toHaveTextContent('Ten is the most. Do this.');
});
