import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Looks } from '@/app/provider';
import type { Connection } from '@/lib/events/protocol';
import { ConnectionIndicator } from './connection-indicator';

const show = (connection: Connection, onRetry = () => {}) =>
  render(
    <Looks env="test">
      <ConnectionIndicator connection={connection} onRetry={onRetry} />
    </Looks>,
  );

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
  rerender(
    <Looks env="test">
      <ConnectionIndicator connection="live" reconnects={2} onRetry={() => {}} />
    </Looks>,
  );
  expect(screen.getByTestId('connection')).toHaveAccessibleName(/Reconnected 2 times/);
});
