// The commands that were run with their output, on a dark ground in both colour schemes.
import { Loader } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { ApiError } from '@/lib/api/problem';
import type { ExecResult } from '@/lib/api/types';
import classes from './transcript.module.css';

export type Entry = { id: number; command: string } & (
  | { state: 'running' }
  | { state: 'stopped' }
  | { state: 'failed'; error: ApiError }
  | { state: 'ended'; result: ExecResult; tookMs: number }
);

export function Transcript({ entries, name }: { entries: Entry[]; name: string }) {
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest entry comes into view each time
  useEffect(() => {
    end.current?.scrollIntoView?.({ block: 'nearest' });
  }, [entries]);
  return (
    <div
      className={classes.screen}
      role="log"
      aria-label={`Output of ${name}`}
      data-testid="command-output"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
      tabIndex={0}
    >
      {entries.length === 0 && <p className={classes.hint}>Commands run in {name} as you.</p>}
      {entries.map((entry) => (
        <div key={entry.id} className={classes.entry}>
          <pre className={classes.command}>
            <span className={classes.prompt} aria-hidden="true">
              ${' '}
            </span>
            {entry.command}
          </pre>
          <Outcome entry={entry} />
        </div>
      ))}
      <div ref={end} />
    </div>
  );
}

function Outcome({ entry }: { entry: Entry }) {
  switch (entry.state) {
    case 'running':
      return (
        <p className={classes.mark}>
          <Loader size={12} color="gray" aria-hidden /> running…
        </p>
      );
    case 'stopped':
      return <p className={classes.bad}>stopped</p>;
    case 'failed':
      return (
        <div className={classes.bad} role="alert">
          <p>{entry.error.message}</p>
          {entry.error.fix && <p className={classes.fix}>{entry.error.fix}</p>}
        </div>
      );
    case 'ended':
      return <Result result={entry.result} tookMs={entry.tookMs} />;
  }
}

function Result({ result, tookMs }: { result: ExecResult; tookMs: number }) {
  const failed = result.exit_code !== 0;
  return (
    <>
      {result.output && <pre className={classes.output}>{result.output}</pre>}
      {result.error && <pre className={classes.stderr}>{result.error}</pre>}
      {result.truncated && <p className={classes.cut}>… output cut off after 1 MiB</p>}
      <p className={failed ? classes.bad : classes.mark} data-testid="exit-code">
        exit code {result.exit_code}
        {result.exit_code === 124 && ' (timed out)'} · {(tookMs / 1000).toFixed(1)} s
      </p>
    </>
  );
}
