// Commands: what is checked, what is shown, what is remembered.
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { aCluster } from '@/test/samples';
import { listAnswer, problem, server } from '@/test/server';
import { showPart } from '@/test/show';
import { checkCommand } from './check';
import { CommandRunner } from './command-runner';

function show(status: 'RUNNING' | 'DELETING' = 'RUNNING', name = 'demo') {
  server.use(http.get('*/api/v1/clusters', () => listAnswer([], '0000000a-1')));
  showPart(<CommandRunner cluster={aCluster({ name, status })} onClose={() => {}} />);
}
const input = () => screen.getByRole('textbox', { name: 'Command' });
const output = () => screen.getByTestId('command-output');

const answers = (result: object) =>
  server.use(http.post('*/api/v1/clusters/:id/exec', () => HttpResponse.json(result)));

it('runs what was typed and shows what it said', async () => {
  show();
  answers({ output: 'node-1  Ready\n', error: 'a warning\n', exit_code: 0, truncated: false });
  expect(screen.getByRole('button', { name: 'Run' })).toBeDisabled();
  await userEvent.type(input(), 'kubectl get nodes');
  await userEvent.click(screen.getByRole('button', { name: 'Run' }));
  await waitFor(() => expect(output()).toHaveTextContent('node-1 Ready'));
  expect(output()).toHaveTextContent('kubectl get nodes');
  expect(output()).toHaveTextContent('a warning');
  expect(screen.getByTestId('exit-code')).toHaveTextContent('exit code 0');
  expect(input()).toHaveValue('');
});

it('marks output that was cut, and a command that failed', async () => {
  show();
  answers({ output: 'x', error: '', exit_code: 3, truncated: true });
  await userEvent.type(input(), 'yes{Enter}');
  await waitFor(() => expect(output()).toHaveTextContent('exit code 3'));
  expect(output()).toHaveTextContent('cut off after 1 MiB');
});

it("shows the server's refusal there", async () => {
  show();
  server.use(
    http.post('*/api/v1/clusters/:id/exec', () => problem(422, 'invalid', 'An unclosed quote.')),
  );
  await userEvent.type(input(), 'echo "x{Enter}');
  await waitFor(() => expect(output()).toHaveTextContent('An unclosed quote.'));
  expect(output()).toHaveTextContent('Do this.');
});

it('says of pipes and redirects how to run them, and sends nothing', async () => {
  show();
  for (const [line, shell] of [
    ['kubectl get pods | wc -l', "sh -c 'kubectl get pods | wc -l'"],
    ["echo 'a b' > /tmp/x", "sh -c 'echo '\\''a b'\\'' > /tmp/x'"],
  ] as const) {
    await userEvent.clear(input());
    await userEvent.type(input(), `${line}{Enter}`);
    expect(await screen.findByText(`Pipes and redirects need a shell: ${shell}`)).toBeVisible();
  }
  expect(checkCommand("sh -c 'a | b'")).toBeNull();
  expect(checkCommand('echo "|" \\| a|b')).toBeNull();
});

it('can be stopped', async () => {
  show();
  server.use(http.post('*/api/v1/clusters/:id/exec', () => new Promise(() => {})));
  await userEvent.type(input(), 'sleep 50{Enter}');
  await userEvent.click(await screen.findByRole('button', { name: 'Stop' }));
  await waitFor(() => expect(output()).toHaveTextContent('stopped'));
});

it('brings earlier commands back with the arrow keys', async () => {
  show('RUNNING', 'history');
  answers({ output: '', error: '', exit_code: 0, truncated: false });
  for (const command of ['one', 'two']) {
    await userEvent.type(input(), `${command}{Enter}`);
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Run' })).toBeInTheDocument());
  }
  await userEvent.type(input(), 'dra{ArrowUp}');
  expect(input()).toHaveValue('two');
  await userEvent.type(input(), '{ArrowUp}{ArrowUp}');
  expect(input()).toHaveValue('one');
  await userEvent.type(input(), '{ArrowDown}{ArrowDown}{ArrowDown}');
  expect(input()).toHaveValue('dra');
});

it('waits for a running cluster', () => {
  show('DELETING');
  expect(input()).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Run' })).toBeDisabled();
  expect(screen.getByText('demo is deleting. Commands need a running cluster.')).toBeVisible();
});
