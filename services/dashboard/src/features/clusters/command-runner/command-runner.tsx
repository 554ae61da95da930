// Runs one command after the other in a cluster and shows the output of each.
import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { api } from '@/lib/api/client';
import { toApiError } from '@/lib/api/problem';
import type { Cluster } from '@/lib/api/types';
import { statusWord } from '@/lib/words';
import { checkCommand } from './check';
import classes from './command-runner.module.css';
import { History } from './history';
import { type Entry, Transcript } from './transcript';

/** Entries kept on screen; the oldest go first. */
const ENTRIES_MAX = 20;
const EXAMPLES = ['kubectl get nodes', 'kubectl get pods -A', 'kubectl version'];

/** The commands given to each cluster while this page is open. */
const histories = new Map<string, History>();

function historyOf(id: string): History {
  const known = histories.get(id) ?? new History();
  histories.set(id, known);
  return known;
}

export function CommandRunner(props: { cluster: Cluster; gone?: boolean; onClose: () => void }) {
  const { cluster, onClose } = props;
  return (
    <Modal
      opened
      onClose={onClose}
      size={880}
      title={`Run command in ${cluster.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Runner cluster={cluster} gone={props.gone ?? false} />
    </Modal>
  );
}

function Runner({ cluster, gone }: { cluster: Cluster; gone: boolean }) {
  const [command, setCommand] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [entries, setEntries] = useState<Entry[]>([]);
  const running = useRef<AbortController | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const nextId = useRef(0);
  const history = historyOf(cluster.id);
  const busy = entries.at(-1)?.state === 'running';
  const usable = cluster.status === 'RUNNING' && !gone;

  // Closing the dialog ends what still runs.
  useEffect(() => () => running.current?.abort(), []);

  async function run(line: string) {
    const wrong = checkCommand(line);
    setError(wrong);
    if (wrong || busy || !usable) return;
    history.add(line);
    setCommand('');
    nextId.current += 1;
    const id = nextId.current;
    const startedAt = performance.now();
    const entry: Entry = { id, command: line, state: 'running' };
    setEntries((known) => [...known, entry].slice(-ENTRIES_MAX));
    const end = (ended: Entry) => {
      setEntries((known) => known.map((one) => (one.id === id ? ended : one)));
      input.current?.focus();
    };
    const abort = new AbortController();
    running.current = abort;
    try {
      const result = await api.exec(cluster.id, line, abort.signal);
      end({ ...entry, state: 'ended', result, tookMs: performance.now() - startedAt });
    } catch (thrown) {
      if (abort.signal.aborted) end({ ...entry, state: 'stopped' });
      else end({ ...entry, state: 'failed', error: toApiError(thrown) });
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void run(command.trim());
  }

  function walk(event: KeyboardEvent) {
    if (event.key === 'ArrowUp') setCommand(history.older(command));
    else if (event.key === 'ArrowDown') setCommand(history.newer(command));
    else return;
    event.preventDefault();
  }

  return (
    <div className={classes.runner}>
      <Transcript entries={entries} name={cluster.name} />
      {entries.length === 0 && (
        <Group gap={6} className={classes.examples}>
          <Text size="xs" c="dimmed">
            Try
          </Text>
          {EXAMPLES.map((example) => (
            <Button
              key={example}
              size="compact-xs"
              variant="default"
              className="mono"
              disabled={!usable}
              onClick={() => {
                setCommand(example);
                input.current?.focus();
              }}
            >
              {example}
            </Button>
          ))}
        </Group>
      )}
      {!usable && (
        <Text size="sm" role="status" className={classes.unusable}>
          {gone
            ? `${cluster.name} was deleted.`
            : `${cluster.name} is ${statusWord(cluster.status).toLowerCase()}. Commands need a running cluster.`}
        </Text>
      )}
      <form onSubmit={submit} className={classes.line}>
        <TextInput
          ref={input}
          className={classes.input}
          classNames={{ input: 'mono' }}
          aria-label="Command"
          placeholder="kubectl get nodes"
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          data-autofocus
          disabled={!usable}
          value={command}
          error={error}
          onChange={(event) => {
            setCommand(event.currentTarget.value);
            setError(null);
          }}
          onKeyDown={walk}
        />
        {busy ? (
          <Button
            color="red"
            variant="light"
            leftSection={<IconPlayerStop size={16} aria-hidden />}
            onClick={() => running.current?.abort()}
          >
            Stop
          </Button>
        ) : (
          <Button
            type="submit"
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            disabled={!usable || command.trim() === ''}
          >
            Run
          </Button>
        )}
      </form>
      <Text size="xs" c="dimmed" mt={8}>
        Commands run for up to 60 seconds and without a shell. For pipes, redirects and variables
        use <code>sh -c '…'</code>. Press the up arrow for earlier commands.
      </Text>
    </div>
  );
}
