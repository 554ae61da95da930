// The status of the connection in a word and a colour; pressed, it connects again.
import { Tooltip, UnstyledButton } from '@mantine/core';
import type { ConnectionStatus } from '@/lib/events/protocol';
import classes from './connection-indicator.module.css';

const WORDS: Record<ConnectionStatus, { word: string; detail: string }> = {
  connecting: { word: 'Connecting', detail: 'Connecting to live updates.' },
  live: { word: 'Live', detail: 'Changes appear instantly.' },
  reconnecting: {
    word: 'Reconnecting',
    detail: 'Live updates are interrupted. The page refreshes every 5 seconds until they resume.',
  },
  offline: {
    word: 'Offline',
    detail:
      'Live updates are off. The page refreshes every 5 seconds while the server answers. Press to reconnect now.',
  },
};

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

export function ConnectionIndicator(props: {
  connection: ConnectionStatus;
  /** How often it came back after it had been lost. */
  reconnects?: number;
  onRetry: () => void;
}) {
  const { word, detail: always } = WORDS[props.connection];
  const { reconnects = 0 } = props;
  const detail = reconnects > 0 ? `${always} Reconnected ${times(reconnects)}.` : always;
  return (
    <>
      <Tooltip label={detail} multiline w={260} events={{ hover: true, focus: true, touch: true }}>
        <UnstyledButton
          className={classes.indicator}
          data-connection={props.connection}
          data-reconnects={reconnects}
          data-testid="connection"
          onClick={props.onRetry}
          aria-label={`Connection: ${word}. ${detail}`}
        >
          <span className={classes.dot} aria-hidden="true" />
          {word}
        </UnstyledButton>
      </Tooltip>
      <span className="visually-hidden" role="status">
        Connection: {word}
      </span>
    </>
  );
}
