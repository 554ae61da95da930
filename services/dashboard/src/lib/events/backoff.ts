// How long to wait before the n-th attempt to connect again: exponential, with full jitter.

export const BACKOFF_BASE_MS = 500;
export const BACKOFF_FACTOR = 2;
export const BACKOFF_CAP_MS = 30_000;

/** `attempt` counts from 0; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(
    BACKOFF_CAP_MS,
    BACKOFF_BASE_MS * BACKOFF_FACTOR ** Math.min(attempt, 30),
  );
  return Math.floor(random * ceiling);
}
