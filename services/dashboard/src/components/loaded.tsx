// The result of a query: a skeleton while it loads, the error with a button to retry, or the data.
import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ProblemAlert } from './problem-alert';

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/** Data of an earlier read stays in sight, below the error of the newest. */
export function Loaded<T>(props: {
  asked: Asked<T>;
  /** Of the skeleton, for screen readers: `Loading the members`. */
  name: string;
  height?: number;
  children: (data: T) => ReactNode;
}) {
  const { asked } = props;
  return (
    <>
      {asked.error ? (
        <ProblemAlert
          error={asked.error}
          busy={asked.isFetching}
          onRetry={() => void asked.refetch()}
        />
      ) : null}
      {asked.data === undefined && !asked.error && (
        <div role="status" aria-label={props.name}>
          <Skeleton height={props.height ?? 160} radius="lg" />
        </div>
      )}
      {asked.data !== undefined && props.children(asked.data)}
    </>
  );
}
