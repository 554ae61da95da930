// Something that is asked for: bones while it is under way, the error and another try, or what came.
import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ProblemAlert } from './problem-alert';

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/** What was read before stays in sight, below the error of the newest try. */
export function Loaded<T>(props: {
  asked: Asked<T>;
  /** What a screen reader says meanwhile: `Loading the members`. */
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
