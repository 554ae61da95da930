// The words of the connection.
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ConnectionStatus } from '@/lib/events/protocol';
import { showBare } from '@/test/show';
import { ConnectionIndicator } from './connection-indicator';

const show = (connection: ConnectionStatus, onRetry = () => {}) =>
  showBare(<ConnectionIndicator connection={connection} onRetry={onRetry} />);

it.each([
  ['connecting', 'Connecting'],
  ['live', 'Live'],
  ['reconnecting', 'Reconnecting'],
  ['offline', 'Offline'],
] as const)('%s is said in a word', (connection, word) => {
  show(connection);
  expect(screen.getByTestId('connection')).toHaveTextContent(word);
  expect(screen.getByTestId('connection')).toHaveAttribute('data-connection', connection);
  expect(screen.getByText(`Connection: ${word}`)).toHaveAttribute('role', 'status');
});

it('connects again when it is pressed', async () => {
  const retry = vi.fn();
  show('offline', retry);
  await userEvent.click(screen.getByTestId('connection'));
  expect(retry).toHaveBeenCalledOnce();
});

it('tells how often it came back', () => {
  const { rerender } = show('live');
  expect(screen.getByTestId('connection')).not.toHaveAccessibleName(/Reconnected/);
  rerender(<ConnectionIndicator connection="live" reconnects={2} onRetry={() => {}} />);
  expect(screen.getByTestId('connection')).toHaveAccessibleName(/Reconnected 2 times/);
});
